"""AWS Bedrock's Converse API: an event stream in AWS's binary framing.

Sources: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html and
https://docs.aws.amazon.com/transcribe/latest/dg/streaming-setting-up.html#streaming-event-stream (the framing).
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Sequence
from typing import Any

from tests.providers.servers.streaming import Call, Refusal, StreamingServer


class BedrockServer(StreamingServer):
    """``POST /model/{model}/converse-stream``."""

    content_type = "application/vnd.amazon.eventstream"

    def __init__(self) -> None:
        super().__init__()
        self._calls = 0
        # A message whose checksum is wrong.
        self.garbage = message("contentBlockDelta", {"contentBlockIndex": 0})[:-4] + b"\0\0\0\0"

    @property
    def address(self) -> str:
        return self.url

    def refusal(self, scenario: str) -> Refusal:
        if scenario == "limit":
            return 429, {"message": "Too many requests, please wait before trying again."}
        return 403, {"message": "The security token included in the request is invalid."}

    def refusal_headers(self, scenario: str) -> dict[str, str]:
        name = "ThrottlingException" if scenario == "limit" else "UnrecognizedClientException"
        return {"x-amzn-errortype": f"{name}:http://internal.amazon.com/coral/com.amazon.coral.service/"}

    def events(self, answer: str | Call) -> Sequence[bytes]:
        made: list[tuple[str, dict[str, Any]]] = [("messageStart", {"role": "assistant"})]
        if isinstance(answer, Call):
            self._calls += 1
            use = {"toolUse": {"toolUseId": f"tooluse_{self._calls}", "name": answer.name}}
            arguments = json.dumps(answer.arguments)
            half = len(arguments) // 2
            made.append(("contentBlockStart", {"start": use, "contentBlockIndex": 0}))
            deltas: list[dict[str, Any]] = [{"toolUse": {"input": p}} for p in (arguments[:half], arguments[half:])]
        else:
            deltas = [{"text": f"{word} "} for word in answer.split()]
        made += [("contentBlockDelta", {"delta": delta, "contentBlockIndex": 0}) for delta in deltas]
        made += [
            ("contentBlockStop", {"contentBlockIndex": 0}),
            ("messageStop", {"stopReason": "tool_use" if isinstance(answer, Call) else "end_turn"}),
            (
                "metadata",
                {
                    "usage": {"inputTokens": 11, "outputTokens": 7, "totalTokens": 18},
                    "metrics": {"latencyMs": 5},
                },
            ),
        ]
        return [message(name, payload) for name, payload in made]


def message(event: str, payload: dict[str, Any]) -> bytes:
    """One message: lengths, their CRC, headers, payload, the CRC of it all."""
    content = json.dumps(payload).encode()
    names = {":event-type": event, ":content-type": "application/json", ":message-type": "event"}
    headers = b"".join(
        bytes([len(name)]) + name.encode() + b"\x07" + struct.pack(">H", len(value)) + value.encode()
        for name, value in names.items()
    )
    prelude = struct.pack(">II", 16 + len(headers) + len(content), len(headers))
    start = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers + content
    return start + struct.pack(">I", zlib.crc32(start))
