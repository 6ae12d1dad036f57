"""How many conversations at once before answers come too late? Also: a worker killed under load, and calls in a row.

Usage: conversations.py [kill | full | serial 500] [--speech remote|local] [--workers 1,2] [--calls 5,10] [--seconds 20]

Without a word it raises the number of calls until the 99th percentile of "caller silent to answer heard" passes 1.5 s
and prints a row for each; ``kill`` ends a worker in the middle; ``serial 500`` makes calls one after the other and
tells the memory; ``full`` lets the runner decide when it is full. Everything runs on this machine and ends by itself.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

HERE = Path(__file__).resolve().parent
LIMIT_SECS = 1.5
QUESTION = "What will the weather be like tomorrow?"
# For finding out where the limit is the runner must not keep us from it.
UNLIMITED = {
    "RUNNER_MAX_SESSIONS": "1000",
    "RUNNER_MAX_SESSIONS_PER_WORKER": "1000",
    "RUNNER_MAX_CPU": "1",
    "RUNNER_MAX_LOOP_LAG": "60",
}


class Child:
    """A program that says one JSON line at its start and ends with its stdin."""

    def __init__(self, *command: str, greets: bool = True, **environment: str) -> None:
        """Start it."""
        self.process = subprocess.Popen(
            [sys.executable, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if "VERBOSE" in os.environ else subprocess.DEVNULL,
            text=True,
            env={**os.environ, **environment},
        )
        self.first = self.answer() if greets else {}

    def answer(self) -> dict[str, Any]:
        """The next line."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "a program has ended; VERBOSE=1 shows why"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def ask(self, do: str, **more: Any) -> dict[str, Any]:
        """Command and answer."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": do, **more}) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def end(self) -> None:
        """End it."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(30)


class Rig:
    """A runner, its providers and its callers."""

    def __init__(self, speech: str, workers: int, question: Path, **environment: str) -> None:
        """Start them."""
        self.providers = Child(str(HERE / "providers.py"))
        began = time.monotonic()
        self.runner = Child(
            *("-m", "pipecat_runner", "--port", "0", "--child"), RUNNER_WORKERS=str(workers), **environment
        )
        self.ready_secs = time.monotonic() - began
        self.address = f"http://127.0.0.1:{self.runner.first['port']}"
        self.callers = Child(str(HERE / "callers.py"), self.address, str(question), greets=False)
        self.parent = psutil.Process(self.runner.process.pid)
        self.body = _body(speech, self.providers.first["port"])
        while self.metric("workers", state="ready") < workers:
            time.sleep(0.1)

    def metric(self, name: str, **labels: str) -> float:
        """The largest value of a metric with these labels."""
        with urllib.request.urlopen(f"{self.address}/metrics", timeout=10) as page:
            text = page.read().decode()
        values = [0.0]
        for found in re.finditer(r"^pipecat_runner_(\w+)(?:\{(.*)\})? (\S+)$", text, re.M):
            have = dict(re.findall(r'(\w+)="([^"]*)"', found[2] or ""))
            if found[1] == name and labels.items() <= have.items():
                values.append(float(found[3]))
        return max(values)

    def start(self, calls: int, **more: Any) -> dict[str, Any]:
        """Start calls; answers what came of it."""
        return self.callers.ask("start", calls=calls, **{"per_second": 4, "run": self.body, **more})

    def tree(self) -> list[psutil.Process]:
        """The runner's processes, its parent first."""
        return [self.parent, *self.parent.children(recursive=True)]

    def cpu_secs(self) -> float:
        """CPU all of them have taken."""
        total = 0.0
        for process in self.tree():
            with contextlib.suppress(psutil.Error):
                times = process.cpu_times()
                total += times.user + times.system
        return total

    def rss_mib(self) -> list[int]:
        """Memory of each."""
        return [process.memory_info().rss >> 20 for process in self.tree()]

    def end(self) -> None:
        """End all."""
        for child in (self.callers, self.runner, self.providers):
            child.end()


def _body(speech: str, port: int) -> dict[str, Any]:
    model = {"type": "openai_compatible", "model": "m", "base_url": f"http://127.0.0.1:{port}/v1", "api_key": "k"}
    agent: dict[str, Any] = {"llm": model, "prompt": "You tell the weather."}
    if speech == "local":
        agent |= {"stt": {"type": "whisper"}, "tts": {"type": "piper"}}
    else:
        agent |= {
            "stt": {"type": "deepgram", "api_key": "k", "base_url": f"ws://127.0.0.1:{port}"},
            "tts": {"type": "cartesia", "api_key": "k", "base_url": f"ws://127.0.0.1:{port}/tts/websocket"},
        }
    return {"agent": agent, "audio": {"in_rate": 16000, "chunk_ms": 20, "window_ms": 400, "report_ms": 40}}


@contextlib.contextmanager
def _rig(*arguments: Any, **environment: str) -> Iterator[Rig]:
    rig = Rig(*arguments, **environment)
    try:
        yield rig
    finally:
        rig.end()


def _row(calls: int, heard: dict[str, Any], **more: Any) -> float:
    latencies = sorted(heard["latencies"])
    p50, p95, p99 = (latencies[int(len(latencies) * q)] if latencies else float("inf") for q in (0.5, 0.95, 0.99))
    cells = {
        "calls": calls,
        "answers": len(latencies),
        "unanswered": heard["unanswered"],
        "p50": f"{p50:.2f} s",
        "p95": f"{p95:.2f} s",
        "p99": f"{p99:.2f} s",
        "gaps": heard["gaps"],
        **more,
        "clock late": f"{heard['late'] * 1000:.0f} ms",
    }
    print("| " + " | ".join(f"{name} {value}" for name, value in cells.items()) + " |", flush=True)
    return p99 if not heard["unanswered"] else float("inf")


def ramp(question: Path, speech: str, workers: int, calls: list[int], seconds: float) -> None:
    """More and more calls until answers come too late."""
    print(f"\n{speech} speech, {workers} worker(s):")
    most = 0
    with _rig(speech, workers, question, **UNLIMITED) as rig:
        for number in calls:
            rig.start(number)
            rig.callers.ask("measure", seconds=5)
            before, began = rig.cpu_secs(), time.monotonic()
            heard = rig.callers.ask("measure", seconds=seconds)
            cpu = (rig.cpu_secs() - before) / (time.monotonic() - began)
            lag = rig.metric("loop_lag_seconds")
            p99 = _row(number, heard, cores=f"{cpu:.2f}", lag=f"{lag * 1000:.0f} ms")
            rig.callers.ask("stop")
            if p99 > LIMIT_SECS:
                break
            most = number
    print(f"answers within {LIMIT_SECS} s (99 %) up to {most} calls")


def full(question: Path, speech: str, workers: int, seconds: float) -> None:
    """Starts two calls a second until the runner refuses; how are those it took?"""
    print(f"\n{speech} speech, {workers} worker(s), the runner's own limits:")
    with _rig(speech, workers, question, RUNNER_MAX_SESSIONS="1000", RUNNER_MAX_SESSIONS_PER_WORKER="1000") as rig:
        taken, refused = 0, {}
        for _ in range(100):
            came = rig.start(2, per_second=2)
            taken, refused = taken + came["started"], came["refused"]
            if refused:
                break
        print(f"took {taken}, then: {', '.join(refused)}")
        heard = rig.callers.ask("measure", seconds=seconds)
        _row(taken, heard, lag=f"{rig.metric('loop_lag_seconds') * 1000:.0f} ms")
        rig.callers.ask("stop")


def kill(question: Path, speech: str, workers: int, calls: int, seconds: float) -> None:
    """One worker dies under load; the calls of the others go on."""
    print(f"\n{speech} speech, {workers} workers, one is killed:")
    with _rig(speech, workers, question, **UNLIMITED) as rig:
        rig.start(calls)
        _row(calls, rig.callers.ask("measure", seconds=seconds))
        carried = int(rig.metric("calls", worker="1"))
        victim = rig.parent.children()[0]
        victim.kill()
        heard = rig.callers.ask("measure", seconds=seconds)
        _row(heard["calls"], heard)
        lost = rig.callers.ask("lost")["lost"]
        print(f"links lost: {lost}; the killed worker carried about {carried} of {calls}")
        again = rig.start(lost)
        print(f"started again: {again['started']}; refused: {again['refused']}")
        rig.callers.ask("stop")


def serial(question: Path, speech: str, workers: int, number: int) -> None:
    """Calls one after the other: what they leave behind."""
    print(f"\n{speech} speech, {workers} worker(s), {number} calls one after the other (MiB: parent, then the others):")
    with _rig(speech, workers, question, **UNLIMITED) as rig:
        rig.body["agent"]["greeting"] = "Hello, what can I do for you?"
        setups: list[float] = []
        print(f"cold start {rig.ready_secs:.2f} s; before: {rig.rss_mib()}")
        for i in range(1, number + 1):
            came = rig.start(1, per_second=1000)
            assert came["started"] == 1, came
            setups += came["setup"]
            rig.callers.ask("greeted")
            rig.callers.ask("stop")
            if i in (1, 10, 20) or i % 100 == 0:
                time.sleep(1.5)
                print(f"after {i}: {rig.rss_mib()}", flush=True)
        warm = sorted(setups[1:])
        print(
            f"/run to connected: first {setups[0] * 1000:.0f} ms, then p50 {statistics.median(warm) * 1000:.0f} ms, "
            f"p99 {warm[int(len(warm) * 0.99)] * 1000:.0f} ms"
        )


async def _record(path: Path) -> None:
    """Have Piper ask the question, at the telephone's rate and level."""
    import numpy as np
    import soxr

    from pipecat_runner._speech.local import LocalSpeech

    speech = LocalSpeech()
    piper, rate = speech.piper(None)
    pcm = b"".join([part async for part in piper.speak(QUESTION)])
    await speech.close()
    samples = soxr.resample(np.frombuffer(pcm, dtype="<i2"), rate, 16_000)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(samples.astype("<i2").tobytes())


def main() -> None:
    """Do what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", default="ramp", choices=["ramp", "kill", "serial", "full"])
    parser.add_argument("number", nargs="?", type=int, default=500)
    parser.add_argument("--speech", default="remote", choices=["remote", "local"])
    parser.add_argument("--workers", default="1,2")
    parser.add_argument("--calls", default="4,8,12,16,20,25,30,35,40,50,60,80")
    parser.add_argument("--seconds", type=float, default=20)
    given = parser.parse_args()
    calls = [int(number) for number in given.calls.split(",")]
    print(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} at the beginning")
    with tempfile.TemporaryDirectory() as folder:
        question = Path(folder) / "question.wav"
        asyncio.run(_record(question))
        for workers in map(int, given.workers.split(",")):
            match given.what:
                case "kill":
                    kill(question, given.speech, workers, calls[0], given.seconds)
                case "serial":
                    serial(question, given.speech, workers, given.number)
                case "full":
                    full(question, given.speech, workers, given.seconds)
                case _:
                    ramp(question, given.speech, workers, calls, given.seconds)


if __name__ == "__main__":
    main()
