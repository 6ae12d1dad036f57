"""A daemon that starts where something is missing or was there before."""

from __future__ import annotations

from pathlib import Path

from support.assistants import ai, ai_call
from support.contract import HOST, RECORD, Contract
from support.daemon import Daemon
from support.platform import Platform, Services
from support.runner import ScriptedRunner


def test_without_a_catalogue_there_are_no_tools_and_calls_go_on(services: Services, tmp_path: Path) -> None:
    with Platform(services) as platform, ScriptedRunner() as runner:
        platform.managers.on("GET", "^/v1/tools$", lambda _: (500, None))
        with Daemon(tmp_path, platform.environment, HOST, RUNNER_URL=runner.url) as daemon:
            contract = Contract(platform, daemon, runner)
            reference = ai_call(platform, ai(platform, tool_names=["all"]))
            call = platform.start_call(reference_type="ai_call", reference_id=reference, stt_type="", tts_type="")
            contract.live(call)
            assert runner.body(call).get("tools", []) == []
            assert runner.body(call)["llm_key"] == "sk-1"
            contract.stop(call)
            assert not set(contract.record(call)) - set(RECORD)
            assert platform.managers.asked("GET", "^/v1/tools$")
