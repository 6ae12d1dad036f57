"""The demo's servers and the daemon, for whoever wants to look: prints the ready line, ends with its standard input.

usage: stage.py FOLDER

The agents are those of config/agents.yaml, with the calls of `echo` recorded. The browser test of the console runs it.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import subprocess
import sys
from pathlib import Path

import scripted_llm
from webhook import Bank

HOME = Path(__file__).resolve().parents[2]


def main() -> int:
    """Runs the daemon until standard input closes; its exit code is ours."""
    folder = Path(sys.argv[1])
    agents = folder / "agents.yaml"
    text = (HOME / "config" / "agents.yaml").read_text()
    agents.write_text(re.sub(r"^    bot: echo$", "    bot: echo\n    recording: stereo", text, flags=re.M))
    bank = Bank(secrets.token_urlsafe(16))
    _, model = scripted_llm.start()
    environment = {
        **os.environ,
        "AGENTS_FILE": str(agents),
        "HTTP_LISTEN_ADDRESS": "127.0.0.1:0",
        "AUDIOSOCKET_LISTEN_ADDRESS": "127.0.0.1:0",
        "PROMETHEUS_LISTEN_ADDRESS": "127.0.0.1:0",
        "DATA_DIR": str(folder / "data"),
        "WARM_UP": "0",
        "BALANCE_URL": bank.url,
        "BALANCE_TOKEN": bank.token,
        "LLM_BASE_URL": model,
        "OPENAI_API_KEY": "none-needed",
        # A browser that starts beside it takes the cores; the first call is not to be refused for that.
        "RUNNER_MAX_CPU": "1",
        "RUNNER_MAX_LOOP_LAG": "60",
    }
    with (folder / "daemon.log").open("w") as log:
        daemon = subprocess.Popen(
            [HOME / "bin" / "pipecat-manager", "run"], env=environment, stdout=subprocess.PIPE, stderr=log, text=True
        )
        assert daemon.stdout is not None
        line = daemon.stdout.readline()
        print(line.strip() or json.dumps({"event": "failed", "log": log.name}), flush=True)
        sys.stdin.read()
        daemon.send_signal(signal.SIGTERM)
        return daemon.wait(60)


if __name__ == "__main__":
    sys.exit(main())
