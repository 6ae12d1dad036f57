"""A platform around the daemons under test: broker, database, cache, the other managers, Asterisk."""

from __future__ import annotations

import subprocess
import uuid
from pathlib import Path
from typing import Any

import pymysql

from support.asterisk import Asterisk
from support.daemon import HOME
from support.rabbit import Events, Managers, Reply, Request, Rpc


class Services:
    """Private servers of this test run, each of which can be stopped and started again in place."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._run("start")
        self.environment = _exports(folder / "env")

    def _run(self, what: str, *which: str) -> None:
        done = subprocess.run(
            [HOME / "dev/services", what, self.folder, *which], capture_output=True, text=True, check=False, timeout=180
        )
        assert done.returncode == 0, f"dev/services {what} {' '.join(which)} failed:\n{done.stdout}\n{done.stderr}"

    def stop(self, which: str) -> None:
        self._run("stop", which)

    def start(self, which: str) -> None:
        self._run("start", which)

    def close(self) -> None:
        self._run("stop")

    def database(self) -> Database:
        """A new, empty schema."""
        return Database(self.environment["PIPECAT_MYSQL_URL"])


class Database:
    """One schema, and what a person would look up in it."""

    def __init__(self, jdbc_url: str) -> None:
        host, _, port = jdbc_url.removeprefix("jdbc:mariadb://").partition("/")[0].partition(":")
        self._server = {"host": host, "port": int(port), "user": "pipecat", "password": "pipecat"}
        self.name = f"test_{uuid.uuid4().hex[:12]}"
        self._execute_on_server(f"CREATE DATABASE {self.name} CHARACTER SET utf8mb4")

    @property
    def dsn(self) -> str:
        """As the Go services write it."""
        server = self._server
        account = f"{server['user']}:{server['password']}"
        return f"{account}@tcp({server['host']}:{server['port']})/{self.name}?parseTime=true"

    def _execute_on_server(self, sql: str) -> None:
        with pymysql.connect(**self._server, autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute(sql)

    def rows(self, sql: str, *parameters: Any) -> list[dict[str, Any]]:
        """The rows of a query."""
        with (
            pymysql.connect(**self._server, database=self.name, cursorclass=pymysql.cursors.DictCursor) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(sql, parameters)
            return list(cursor.fetchall())

    def execute(self, sql: str, *parameters: Any) -> None:
        """Changes something, at once."""
        with (
            pymysql.connect(**self._server, database=self.name, autocommit=True) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(sql, parameters)

    def drop(self) -> None:
        self._execute_on_server(f"DROP DATABASE {self.name}")


class Platform:
    """Everything but the daemons. The scripts of the managers let every call through; Asterisk connects at once."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.database = services.database()
        url = services.environment["PIPECAT_AMQP_URL"]
        self.events = Events(url)
        self.managers = Managers(url)
        self.asterisk = Asterisk()
        self.rpc = Rpc(url)
        self.managers.on("GET", r"^/v1/calls/", lambda request: (200, _call(request)))
        self.managers.on("POST", r"^/v1/external-medias$", self.connect)
        self.managers.on("DELETE", r"^/v1/external-medias/", lambda request: (200, {"id": _last(request)}))
        self.managers.on("GET", r"^/v1/tools$", lambda _: (200, {"tools": []}))

    @property
    def environment(self) -> dict[str, str]:
        """What a daemon needs to know."""
        return {**self.services.environment, "DATABASE_DSN": self.database.dsn}

    def __enter__(self) -> Platform:
        self.asterisk.__enter__()
        self.events.start()
        self.managers.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.rpc.close()
        self.managers.close()
        self.events.close()
        self.asterisk.__exit__()
        self.database.drop()

    def start_call(self, rpc: Rpc | None = None, **more: Any) -> str:
        """Starts a telephone call over the shared queue; its id."""
        call_id = str(uuid.uuid4())
        body = {
            "id": call_id,
            "customer_id": str(uuid.uuid4()),
            "activeflow_id": str(uuid.uuid4()),
            "reference_type": "call",
            "reference_id": str(uuid.uuid4()),
            "llm_type": "openai.gpt-test",
            "stt_type": "whisper",
            "tts_type": "piper",
            **more,
        }
        answer = (rpc or self.rpc).call("POST", "/v1/pipecatcalls", body)
        assert answer.status == 200, answer.raw
        return call_id

    def connect(self, request: Request) -> Reply:
        """Asterisk does what call-manager is asked for."""
        self.asterisk.call(request.data["external_host"], request.data["id"])
        return 200, {"id": request.data["id"], "media_uri": ""}


def _call(request: Request) -> dict[str, Any]:
    return {"id": _last(request), "status": "progressing"}


def _last(request: Request) -> str:
    return request.uri.partition("?")[0].rpartition("/")[2]


def _exports(file: Path) -> dict[str, str]:
    pairs = (line.removeprefix("export ").partition("=") for line in file.read_text().splitlines() if "=" in line)
    return {name: value.strip("\"'") for name, _, value in pairs}
