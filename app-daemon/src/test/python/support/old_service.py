"""The table of the service that is replaced, with rows in it, as a daemon finds it that takes over."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import Any

from support.platform import Database

TABLE = """CREATE TABLE pipecat_pipecatcalls (
  id binary(16) PRIMARY KEY, customer_id binary(16), activeflow_id binary(16),
  reference_type varchar(255), reference_id binary(16), host_id varchar(255),
  llm_type varchar(255), llm_messages json,
  stt_type varchar(255), stt_language varchar(255) NOT NULL DEFAULT '',
  tts_type varchar(255), tts_language varchar(255) NOT NULL DEFAULT '', tts_voice_id varchar(255),
  tm_create datetime(6), tm_update datetime(6), tm_delete datetime(6),
  INDEX idx_pipecat_pipecatcalls_customer_id (customer_id),
  INDEX idx_pipecat_pipecatcalls_activeflow_id (activeflow_id),
  INDEX idx_pipecat_pipecatcalls_reference_type (reference_type),
  INDEX idx_pipecat_pipecatcalls_reference_id (reference_id),
  INDEX idx_pipecat_pipecatcalls_host_id (host_id),
  INDEX idx_pipecat_pipecatcalls_tm_create (tm_create))"""

FULL, SPARE, DELETED = (str(uuid.UUID(int=0x5000_8000_0000_0000_0000 + n)) for n in (1, 2, 3))
CUSTOMER, FLOW, REFERENCE = (str(uuid.UUID(int=0x6000_8000_0000_0000_0000 + n)) for n in (1, 2, 3))
MESSAGES = [
    {"role": "user", "content": "Grüezi 👋"},
    {"role": "tool", "tool_call_id": "c1", "nested": {"n": [1, None]}},
]
CREATED = datetime(2025, 12, 1, 9, 30, 0, 250000)
DELETED_AT = datetime(2025, 12, 2)

# Some installations have the languages without a default.
DRIFTED = TABLE.replace(" NOT NULL DEFAULT ''", "")

COLUMNS = ["id", "customer_id", "activeflow_id", "reference_type", "reference_id", "host_id", "llm_type"]
COLUMNS += ["llm_messages", "stt_type", "stt_language", "tts_type", "tts_language", "tts_voice_id"]
COLUMNS += ["tm_create", "tm_update", "tm_delete"]


def leave_behind(database: Database, table: str = TABLE) -> None:
    """The table, a row with everything, one with as little as there may be, one that was deleted."""
    database.execute(table)
    ids = [uuid.UUID(text).bytes for text in (CUSTOMER, FLOW)]
    full = [uuid.UUID(FULL).bytes, *ids, "ai_call", uuid.UUID(REFERENCE).bytes, "10.0.0.7", "openai.gpt-4o"]
    full += [json.dumps(MESSAGES), "deepgram", "de-CH", "cartesia", "de", "voice", CREATED, None, None]
    spare = [uuid.UUID(SPARE).bytes, *[None] * 8, "", None, "", None, None, None, None]
    deleted = [uuid.UUID(DELETED).bytes, *full[1:13], CREATED, DELETED_AT, DELETED_AT]
    places = ", ".join(["%s"] * len(COLUMNS))
    for row in (full, spare, deleted):
        # Names and places are written above.
        database.execute(f"INSERT INTO pipecat_pipecatcalls ({', '.join(COLUMNS)}) VALUES ({places})", *row)


def rows(database: Database) -> list[dict[str, Any]]:
    """What that service wrote, byte by byte."""
    columns, theirs = ", ".join(COLUMNS), [uuid.UUID(text).bytes for text in (FULL, SPARE, DELETED)]
    sql = f"SELECT {columns} FROM pipecat_pipecatcalls WHERE id IN (%s, %s, %s) ORDER BY id"
    return database.rows(sql, *theirs)
