"""One conversation through the whole product, with real speech, and what came of it.

Starts a scripted model and a webhook (or uses a real model where OPENAI_API_KEY or LLM_BASE_URL is set), the daemon
with its own runner, and a caller who follows call.yaml. Prints the conversation as it happens and leaves
build/demo/call.wav (caller left, what the caller hears right), transcript.txt and report.json. Exits non-zero when
the conversation was not right. Needs nothing but the standard library.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

import scripted_llm
from webhook import Bank

HOME = Path(__file__).resolve().parents[2]
OUT = HOME / "build" / "demo"
READY_SECONDS = 120
CALL_SECONDS = 120
LOST_PART = 0.01
"""Frames that may be missing: a daemon that gets no processor for 60 ms starts its clock anew instead of bursting."""


class Conversation:
    """Puts the events of the call into turns and prints them."""

    def __init__(self) -> None:
        self.turns: list[dict[str, Any]] = [_turn("")]
        self.lines: list[str] = []
        self.interruptions = 0
        self.ended = threading.Event()
        self.record: dict[str, Any] = {}
        self._start = time.monotonic()

    def event(self, kind: str, data: dict[str, Any]) -> None:
        """Takes in one server-sent event."""
        turn = self.turns[-1]
        if kind == "message_user_transcription":
            if turn["user_text"] and not turn["bot_text"]:
                turn["user_text"] += " " + data["text"]
            else:
                self.turns.append(_turn(data["text"]))
            self._say("caller", data["text"])
        elif kind == "message_bot_heard":
            turn["bot_text"] = (turn["bot_text"] + " " + data["text"]).strip()
            self._say("bot", data["text"])
        elif kind == "tool_call_finished":
            turn["tool_calls"].append({"name": data.get("name"), "succeeded": data.get("succeeded")})
            self._say("tool", f"{data.get('name')} {'done' if data.get('succeeded') else 'failed'}")
        elif kind == "bot_interrupted":
            self.interruptions += 1
            self._say("", f"(the caller interrupts; {data.get('dropped_ms')} ms of speech thrown away)")
        elif kind == "error_reported":
            self._say("error", str(data.get("message")))
        elif kind == "pipecatcall_terminated":
            self.record = data
            self._say("", f"(ended: {data.get('end_reason')})")
            self.ended.set()

    def _say(self, who: str, text: str) -> None:
        line = f"{time.monotonic() - self._start:7.2f} s  {who:>6}  {text}"
        self.lines.append(line)
        print(line, flush=True)


def _turn(user_text: str) -> dict[str, Any]:
    return {"user_text": user_text, "bot_text": "", "tool_calls": [], "user_stop_to_bot_audio_ms": None}


def _call(method: str, url: str, body: dict[str, Any] | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)


def _follow(url: str, conversation: Conversation) -> None:
    """Reads server-sent events until the call is over."""
    with urllib.request.urlopen(url, timeout=CALL_SECONDS) as stream:
        kind = ""
        for raw in stream:
            line = raw.decode().rstrip("\r\n")
            if line.startswith("event:"):
                kind = line[6:].strip()
            elif line.startswith("data:"):
                conversation.event(kind, json.loads(line[5:])["data"])
                if conversation.ended.is_set():
                    return


def _metric(address: str, name: str) -> float:
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=10) as response:
        text = response.read().decode()
    found = re.findall(rf"^{name}(?:{{[^}}]*}})? ([0-9.e+]+)$", text, re.M)
    if not found:
        raise RuntimeError(f"the daemon shows no metric {name}")
    return sum(float(value) for value in found)


def _daemon(environment: dict[str, str]) -> tuple[subprocess.Popen[str], dict[str, Any]]:
    log = (OUT / "daemon.log").open("w")
    process = subprocess.Popen(
        [HOME / "bin" / "pipecat-manager", "run"],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    watchdog = threading.Timer(READY_SECONDS, process.kill)
    watchdog.start()
    assert process.stdout is not None
    line = process.stdout.readline()
    watchdog.cancel()
    if not line:
        raise RuntimeError(f"the daemon did not start within {READY_SECONDS} s; see {OUT / 'daemon.log'}")
    return process, json.loads(line)


def _report(conversation: Conversation, heard: dict[str, Any], underruns: float) -> dict[str, Any]:
    call = heard["per_call"][0]
    spoken = heard["turns"]
    user_turns = [turn for turn in conversation.turns if turn["user_text"]]
    for turn, line in zip(user_turns, spoken, strict=False):
        turn["user_stop_to_bot_audio_ms"] = line["user_stop_to_bot_audio_ms"]
    barge_in = [line["user_start_to_silence_ms"] for line in spoken if line["interrupts"]]
    seconds = (call["frames_received"] - 1) / call["frames_per_second"]
    return {
        "ok": False,
        "problems": [],
        "turns": conversation.turns,
        "barge_in": {"user_start_to_silence_ms": barge_in[0] if barge_in else None},
        "caller": {
            "frames_sent": call["frames_sent"],
            "frames_received": call["frames_received"],
            "frames_lost": max(0, round(seconds * 50) + 1 - call["frames_received"]),
            "spacing_ms": call["spacing_ms"],
            "underruns": int(underruns),
        },
        "ended_by": {"server_hung_up": "bot", "caller_hung_up": "caller"}.get(call["ended"], call["ended"]),
        "reason": conversation.record.get("end_reason"),
    }


def _problems(report: dict[str, Any], conversation: Conversation, bank: Bank, scripted: bool) -> list[str]:
    problems = []
    turns = [turn for turn in report["turns"] if turn["user_text"]]
    said = " ".join(turn["bot_text"] for turn in report["turns"]).lower()
    if not report["turns"][0]["bot_text"]:
        problems.append("the bot did not greet")
    if len(turns) < 4:
        problems.append(f"{len(turns)} of 4 things the caller said were understood")
    if not bank.asked:
        problems.append("the webhook was not called")
    if scripted and "forty two dollars" not in said:
        problems.append("the answer did not hold the tool's result")
    if conversation.interruptions != 1:
        problems.append(f"{conversation.interruptions} interruptions instead of 1")
    gave_way = report["barge_in"]["user_start_to_silence_ms"]
    if gave_way is None or gave_way < 0:
        problems.append("the bot did not give way to the caller")
    if scripted and "whole month" in said:
        problems.append("the interrupted answer is recorded as if all of it had been heard")
    if any((turn["user_stop_to_bot_audio_ms"] or -1) < 0 for turn in turns):
        problems.append("a turn was not answered")
    lost, received = report["caller"]["frames_lost"], report["caller"]["frames_received"]
    if lost > received * LOST_PART:
        problems.append(f"{lost} of {received} frames did not come in time")
    if report["reason"] != "bot_ended" or report["ended_by"] != "bot":
        problems.append(f"ended by {report['ended_by']} with reason {report['reason']}, not by the bot's goodbye")
    return problems


def main() -> int:
    """Runs the demo."""
    OUT.mkdir(parents=True, exist_ok=True)
    scripted = not (os.environ.get("OPENAI_API_KEY") or os.environ.get("LLM_BASE_URL"))
    bank = Bank(secrets.token_urlsafe(16))
    environment = {
        "AGENTS_FILE": str(HOME / "config" / "agents.yaml"),
        "HTTP_LISTEN_ADDRESS": "127.0.0.1:0",
        "AUDIOSOCKET_LISTEN_ADDRESS": "127.0.0.1:0",
        "PROMETHEUS_LISTEN_ADDRESS": "127.0.0.1:0",
        "DATA_DIR": str(OUT / "data"),
        "BALANCE_URL": bank.url,
        "BALANCE_TOKEN": bank.token,
    }
    if scripted:
        _, environment["LLM_BASE_URL"] = scripted_llm.start()
        environment["OPENAI_API_KEY"] = "none-needed"
    print("starting the daemon and its runner …", flush=True)
    daemon, ready = _daemon(environment)
    try:
        conversation = Conversation()
        api = f"http://{ready['http']}/v1/pipecatcalls"
        record = _call("POST", api, {"agent": "reception"})
        follower = threading.Thread(target=_follow, args=(f"{api}/{record['id']}/events", conversation), daemon=True)
        follower.start()
        caller = subprocess.run(
            [
                *(str(HOME / "bin" / "pipecat-manager"), "simulate", "--server", ready["audiosocket"][0]),
                *("--uuid", record["id"], "--script", str(HOME / "dev" / "demo" / "call.yaml")),
                *("--seconds", str(CALL_SECONDS), "--record", str(OUT / "call.wav"), "--json"),
            ],
            stdout=subprocess.PIPE,
            text=True,
            timeout=CALL_SECONDS + 60,
            check=False,
        )
        conversation.ended.wait(10)
        underruns = _metric(ready["metrics"], "pipecat_manager_underruns_total")
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(30)
    heard = json.loads(caller.stdout)
    report = _report(conversation, heard, underruns)
    report["problems"] = _problems(report, conversation, bank, scripted)
    report["ok"] = not report["problems"]
    (OUT / "transcript.txt").write_text("\n".join(conversation.lines) + "\n")
    (OUT / "report.json").write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n")
    _summary(report)
    return 0 if report["ok"] else 1


def _summary(report: dict[str, Any]) -> None:
    latencies = [turn["user_stop_to_bot_audio_ms"] for turn in report["turns"] if turn["user_text"]]
    caller = report["caller"]
    gave_way = report["barge_in"]["user_start_to_silence_ms"]
    print(f"\nanswered after {latencies} ms; silent {gave_way} ms into the interruption")
    print(
        f"{caller['frames_received']} frames heard, {caller['frames_lost']} lost, {caller['underruns']} underruns, "
        f"spacing p99 {caller['spacing_ms']['p99']} ms"
    )
    print(f"left in {OUT}: call.wav transcript.txt report.json")
    for problem in report["problems"]:
        print(f"NOT RIGHT: {problem}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
