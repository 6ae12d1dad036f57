"""How fast calls can be set up over RabbitMQ, with MariaDB, Redis and RabbitMQ on the same machine.

Usage: starts.py [RATE…]: calls per second, each rate for SECONDS; 10 25 50 by default. Calls are started in an open
loop (a late answer does not hold back the next start), become live on a runner that plays a tone, and hang up. Prints
a table: the start request's answer, and from the request to the first sound at the caller.

The client, the other managers, Asterisk and the runner share the machine with the daemon and cost more than it.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path

import pika

HOME = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(HOME / "app-daemon/src/test/python"))

from support.daemon import Daemon, ToneRunner  # noqa: E402 - the path to it is set above
from support.platform import Platform, Services  # noqa: E402
from support.rabbit import SHARED_QUEUE  # noqa: E402

SECONDS = 20
WARM_UP_STARTS = 100


class Starts(threading.Thread):
    """Sends starts at a rate and notes when each was answered."""

    def __init__(self, url: str, rate: float, count: int) -> None:
        super().__init__(name="starts")
        self._url, self._rate, self._count = url, rate, count
        self.sent: dict[str, float] = {}
        self.answered: dict[str, float] = {}
        self.refused: list[int] = []
        self.late = 0.0

    def run(self) -> None:
        connection = pika.BlockingConnection(pika.URLParameters(self._url))
        channel = connection.channel()
        reply = channel.queue_declare("", exclusive=True, auto_delete=True).method.queue
        channel.basic_consume(reply, self._take, auto_ack=True)
        begun = time.monotonic()
        for n in range(self._count):
            due = begun + n / self._rate
            while (left := due - time.monotonic()) > 0:
                connection.process_data_events(min(left, 0.001))
            self.late = max(self.late, time.monotonic() - due)
            self._start(channel, reply)
        deadline = time.monotonic() + 10
        while len(self.answered) + len(self.refused) < self._count and time.monotonic() < deadline:
            connection.process_data_events(0.01)
        connection.close()

    def _start(self, channel: pika.adapters.blocking_connection.BlockingChannel, reply: str) -> None:
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
        }
        envelope = {"uri": "/v1/pipecatcalls", "method": "POST", "publisher": "load", "data_type": "application/json"}
        self.sent[call_id] = time.monotonic()
        channel.basic_publish(
            "",
            SHARED_QUEUE,
            json.dumps({**envelope, "data": body}).encode(),
            pika.BasicProperties(content_type="text/plain", reply_to=reply, correlation_id=call_id),
        )

    def _take(self, _channel: object, _method: object, properties: pika.BasicProperties, body: bytes) -> None:
        status = json.loads(body)["status_code"]
        if status == 200:
            self.answered[properties.correlation_id] = time.monotonic()
        else:
            self.refused.append(status)


def _percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _measure(platform: Platform, daemon: Daemon, rate: float, count: int) -> str:
    url = platform.services.environment["PIPECAT_AMQP_URL"]
    starts = Starts(url, rate, count)
    platform.asterisk.callers.clear()
    cpu = _cpu_seconds(daemon.process.pid)
    begun = time.monotonic()
    starts.start()
    done: set[str] = set()
    deadline = time.monotonic() + count / rate + 20
    first_sound: dict[str, float] = {}
    while time.monotonic() < deadline and len(done) + len(starts.refused) < count:
        for call_id, caller in list(platform.asterisk.callers.items()):
            if call_id not in done and caller.first_sound is not None and call_id in starts.sent:
                first_sound[call_id] = caller.first_sound - starts.sent[call_id]
                done.add(call_id)
                platform.asterisk.hang_up(call_id)
        time.sleep(0.005)
    starts.join()
    seconds = time.monotonic() - begun
    cpu = _cpu_seconds(daemon.process.pid) - cpu
    answers = [(starts.answered[c] - starts.sent[c]) * 1000 for c in starts.answered]
    sounds = [seconds_ * 1000 for seconds_ in first_sound.values()]
    return (
        f"{rate:6.0f} {count:6d} {count - len(starts.answered):8d} {len(done) / seconds:9.1f}"
        f" {_percentile(answers, 0.5):8.1f} {_percentile(answers, 0.99):8.1f}"
        f" {_percentile(sounds, 0.5):9.0f} {_percentile(sounds, 0.99):9.0f}"
        f" {cpu * 1000 / count:9.1f} {starts.late * 1000:7.1f}"
    )


def main() -> int:
    """Measures each rate and prints a line for it."""
    rates = [float(rate) for rate in sys.argv[1:]] or [10, 25, 50]
    with tempfile.TemporaryDirectory() as folder:
        services = Services(Path(folder) / "services")
        try:
            with ToneRunner() as tones, Platform(services) as platform:
                settings = {"RUNNER_URL": tones.url, "LOG_LEVEL": "WARN"}
                with Daemon(Path(folder), platform.environment, "127.0.0.2", **settings) as daemon:
                    _measure(platform, daemon, 10, WARM_UP_STARTS)
                    print("  rate starts unanswered live/s  RPC p50  RPC p99 sound p50 sound p99 CPU/start  late")
                    print("    /s                                    ms       ms        ms        ms        ms    ms")
                    for rate in rates:
                        print(_measure(platform, daemon, rate, int(rate * SECONDS)), flush=True)
        finally:
            services.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
