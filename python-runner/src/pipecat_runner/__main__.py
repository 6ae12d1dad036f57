"""``python -m pipecat_runner``: serve until told to stop."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from importlib.metadata import version

from pydantic import ValidationError

from pipecat_runner._logs import configure_logging
from pipecat_runner._settings import Settings


def main(argv: list[str] | None = None) -> int:
    """Parse the command line and serve; answers the exit code."""
    parser = argparse.ArgumentParser(prog="pipecat_runner", description=__doc__)
    parser.add_argument("--host", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on, 0 for a free one (8000)")
    parser.add_argument("--child", action="store_true", help="tell the port on stdout as JSON, end when stdin ends")
    parser.add_argument("--no-warm-up", action="store_true", help="do not load local speech models at start")
    parser.add_argument("--describe", action="store_true", help="print versions and providers as JSON, and end")
    arguments = parser.parse_args(argv)
    if arguments.describe:
        return _describe()
    try:
        settings = Settings.from_environment(
            os.environ,
            host=arguments.host,
            port=arguments.port,
            child=arguments.child,
            warm_up=False if arguments.no_warm_up else None,
        )
    except ValidationError as e:
        for problem in e.errors(include_input=False, include_url=False):
            print(f"pipecat_runner: {'.'.join(map(str, problem['loc']))}: {problem['msg']}", file=sys.stderr)  # noqa: T201 - for a person
        return 2
    configure_logging(settings.log_level)

    from pipecat_runner._serve import serve

    return serve(settings)


def _describe() -> int:
    """Print what GET /health and GET /providers would tell of this interpreter and this environment."""
    configure_logging("ERROR")
    from pipecat_runner._providers.catalog import describe

    told = {
        "python": platform.python_version(),
        "version": version("pipecat-runner"),
        "pipecat": version("pipecat-ai"),
        "providers": describe(),
    }
    print(json.dumps(told))  # noqa: T201 - the answer
    return 0


if __name__ == "__main__":
    sys.exit(main())
