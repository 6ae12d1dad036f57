"""docs/api/openapi.yaml and asyncapi.yaml against daemons: the same routes, the same events, and every answer fits."""

from __future__ import annotations

import http.client
import json
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from support import documented, series
from support.asterisk import Asterisk
from support.contract import Contract
from support.daemon import HOME, Daemon
from support.runner import ScriptedRunner
from support.wait import until

AGENTS = """
default_agent: tone
agents:
  tone: {bot: tone}
  echo: {bot: echo}
"""
LEG = "/v1/pipecatcalls/{id}/audio"
JAVA = "java/org/pipecatmanager"
NOBODY = "57e1ab52-6a0c-4bd4-8f35-2e1d6a3a6e0b"
TOKEN = "a token of the test"


class Api:
    """A daemon's HTTP port. Every answer is held against the document."""

    def __init__(self, daemon: Daemon) -> None:
        self.host = daemon.ready["http"]

    @contextmanager
    def asked(self, method: str, uri: str, data: Any = None, **headers: str) -> Iterator[http.client.HTTPResponse]:
        connection = http.client.HTTPConnection(self.host, timeout=20)
        sent = {"Content-Type": "application/json", "Authorization": f"Bearer {TOKEN}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        body = data if isinstance(data, bytes | None) else json.dumps(data).encode()
        connection.request(method, uri, body, sent)
        yield connection.getresponse()
        connection.close()

    def ask(self, method: str, uri: str, data: Any = None, status: int = 200, **headers: str) -> Any:
        with self.asked(method, uri, data, **headers) as response:
            body = json.loads(response.read())
            assert response.status == status, body
            assert response.headers["Connection"] == "close"
        documented.check_answer(method, uri, body, status=status)
        return body

    def stream(self, uri: str, **headers: str) -> Iterator[dict[str, str]]:
        """The fields of each event of a stream, until it ends."""
        with self.asked("GET", uri, **headers) as response:
            assert response.status == 200
            assert response.headers["Content-Type"].startswith("text/event-stream")
            event: dict[str, str] = {}
            for line in (raw.decode().rstrip("\n") for raw in response):
                if not line and event:
                    documented.check_answer("GET", uri, json.loads(event["data"]), kind="text/event-stream")
                    yield event
                    event = {}
                elif line and not line.startswith(":"):
                    name, _, value = line.partition(": ")
                    event[name] = value


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    folder = tmp_path_factory.mktemp("documented")
    agents = folder / "agents.yaml"
    agents.write_text(AGENTS)
    with (
        ScriptedRunner() as runner,
        Daemon.embedded(folder, AGENTS_FILE=str(agents), RUNNER_URL=runner.url, API_TOKEN=TOKEN) as daemon,
    ):
        yield daemon


@pytest.fixture
def api(daemon: Daemon) -> Api:
    return Api(daemon)


def test_the_routes_of_the_document_are_the_daemons(api: Api, contract: Contract) -> None:
    routes = documented.routes()
    refusal = contract.platform.rpc.call("GET", "/v1/nothing").data["message"]
    shared = set(re.findall(r"/v1/[^, ]+", refusal.replace("<pipecatcall-id>", "{id}").partition("use one of")[2]))
    assert len(shared) > 5
    source = (HOME / "app-daemon/src/main" / JAVA / "daemon/http").glob("*.java")
    own = {literal for file in source for literal in re.findall(r'"(/(?:v1/|\w+z)[^"]*)"', file.read_text())}
    assert {path.replace("([^/]+)", "{id}") for path in own} | shared | {LEG} == set(routes)
    for path, methods in routes.items():
        # Without an upgrade there is nothing at the path of a leg.
        if path.startswith("/v1/") and path != LEG:
            with api.asked("DELETE", path.replace("{id}", NOBODY)) as response:
                assert response.status == 405, path
                assert response.headers["Allow"].split(", ") == sorted(methods), path


def test_a_life_of_a_call_is_answered_as_documented(api: Api, daemon: Daemon) -> None:
    record = api.ask("POST", "/v1/pipecatcalls", {"agent": "tone", "llm_messages": [{"role": "user", "n": 1}]})
    path = f"/v1/pipecatcalls/{record['id']}"
    with Asterisk() as asterisk:
        asterisk.call(daemon.ready["audiosocket"][0], record["id"])
        until("it is live", lambda: api.ask("GET", path)["status"] == "live")
        levels = api.stream(f"{path}/levels")
        assert next(levels)["event"] == "levels"
        asterisk.press(record["id"], "5")
        message = {"pipecatcall_id": record["id"], "message_id": str(uuid.uuid4()), "message_text": "Hi"}
        api.ask("POST", "/v1/messages", message)
        following = api.stream(f"{path}/events")
        first = next(following)
        assert (first["id"], first["event"]) == ("1", "pipecatcall_created")
        api.ask("POST", f"{path}/stop", b"")
        rest = list(following)
        assert "dtmf_received" in {event["event"] for event in rest}
        assert rest[-1]["event"] == "pipecatcall_terminated"
        assert len(list(levels)) < 100, "the levels end with the call"
    for event in (first, *rest):
        body = json.loads(event["data"])
        documented.check_answer("GET", f"{path}/events", body, kind="text/event-stream")
        del body["tm_event"]
        documented.check_event(body)
    ended = until("the record says so", lambda: r if (r := api.ask("GET", path))["status"] == "ended" else None)
    assert ended["end_reason"] == "requested"
    again = list(api.stream(f"{path}/events", Last_Event_ID=rest[-2]["id"]))
    assert [event["event"] for event in again] == ["pipecatcall_terminated"]
    assert [said["speaker"] for said in api.ask("GET", f"{path}/messages")["result"]] == ["message"]
    api.ask("GET", f"{path}/turns")
    page = api.ask("GET", "/v1/pipecatcalls?page_size=1&status=ended")
    assert page["result"] == [ended]


def test_a_daemon_tells_of_itself_as_documented(api: Api) -> None:
    assert [agent["name"] for agent in api.ask("GET", "/v1/agents")["result"]] == ["echo", "tone"]
    assert api.ask("GET", "/v1/ping")["host_id"] == "local"
    assert api.ask("GET", "/healthz")["status"] == "ok"
    assert api.ask("GET", "/readyz")["status"] == "ready"


@pytest.mark.parametrize(
    ("asked", "status", "reason", "headers"),
    [
        (("GET", "/v1/pipecatcalls/no-id", None), 400, "INVALID_ID", {}),
        (("GET", f"/v1/pipecatcalls/{NOBODY}", None), 404, "PIPECATCALL_NOT_FOUND", {}),
        (("GET", f"/v1/pipecatcalls/{NOBODY}/events", None), 404, "PIPECATCALL_NOT_FOUND", {}),
        (("GET", f"/v1/pipecatcalls/{NOBODY}/levels", None), 404, "CALL_NOT_LIVE", {}),
        (("GET", f"/v1/pipecatcalls/{NOBODY}/recording", None), 404, "RECORDING_NOT_FOUND", {}),
        (("POST", "/v1/pipecatcalls", b""), 400, "NO_BODY", {}),
        (("POST", "/v1/pipecatcalls", b"[]"), 400, "BAD_JSON", {}),
        (("POST", "/v1/pipecatcalls", {"agent": "nobody"}), 400, "AGENT_UNKNOWN", {}),
        (("POST", "/v1/pipecatcalls", {"agent": 7}), 400, "INVALID_FIELD", {}),
        (("POST", "/v1/pipecatcalls", b" " * 1_100_000), 413, "BODY_TOO_LARGE", {}),
        (("POST", "/v1/pipecatcalls", b"{}"), 415, "CONTENT_TYPE", {"Content_Type": "text/plain"}),
        (("GET", "/v1/pipecatcalls", None), 401, "API_TOKEN_NEEDED", {"Authorization": "Bearer another"}),
        (("GET", "/v1/pipecatcalls", None), 403, "FOREIGN_HOST", {"Host": "example.org"}),
        (("POST", "/v1/messages", {"message_text": "Hi"}), 400, "INVALID_FIELD", {}),
    ],
)
def test_refusals_are_as_documented(
    api: Api, asked: tuple[str, str, Any], status: int, reason: str, headers: dict[str, str]
) -> None:
    assert api.ask(*asked, status, **headers)["reason"] == reason


def test_the_series_of_a_platform_are_those_of_the_document(contract: Contract) -> None:
    series.check(contract.daemon, "platform")


def test_the_events_of_the_document_are_the_daemons() -> None:
    source = (HOME / "pipecat-ports/src/main" / JAVA / "ports/model/EventType.java").read_text()
    types = re.findall(r"^ +([A-Z_]+)[,;]$", source, re.MULTILINE)
    assert sorted(name.lower() for name in types) == sorted(documented.events())


def test_what_is_not_described_is_found() -> None:
    good = {"host_id": "local", "timestamp": "2026-01-02T03:04:05.000006Z", "instance_id": "x"}
    documented.check("openapi.yaml#/components/schemas/Ping", good)
    for bad in ({**good, "more": 1}, {**good, "timestamp": "today"}, {"host_id": "local"}):
        with pytest.raises(AssertionError):
            documented.check("openapi.yaml#/components/schemas/Ping", bad)
