"""What the sources say of settings, ports and sizes, for files that have to agree with them."""

from __future__ import annotations

import re

from distribution import ROOT

_KEYS = (ROOT / "app-daemon/src/main/java/org/pipecatmanager/daemon/config/Key.java").read_text()
_RUNNER = (ROOT / "python-runner/src/pipecat_runner/_settings.py").read_text()
_SIZING = (ROOT / "docs/sizing.md").read_text()

#: Settings of the daemon, with what is said of each.
KEYS: dict[str, str] = {
    name: said for name, said in re.findall(r"^ {4}([A-Z_]+)\((.*?)\)[,;]$", _KEYS, re.M | re.S) if name.isupper()
}
#: Those that are never printed.
SECRETS = {name for name, said in KEYS.items() if said.rstrip().endswith("true")}
#: Settings of the runner.
RUNNER_KEYS = set(re.findall(r'"(RUNNER_[A-Z_]+)"', _RUNNER))
#: Variables of providers.
_PROVIDERS = (ROOT / "docs/providers.md").read_text()
PROVIDER_KEYS = set(re.findall(r"`([A-Z][A-Z0-9_]+(?:KEY|TOKEN|ID|CREDENTIALS)[A-Z_]*)`", _PROVIDERS))
#: What the launchers take.
LAUNCHER_KEYS = {"JAVA_OPTS", "LOG_FORMAT", "LOG_LEVEL"}


def default_port(key: str) -> int:
    """Of a listen address of the daemon."""
    match = re.search(r"default 127\.0\.0\.1:(\d+)", KEYS[key])
    assert match, f"{key} names no default"
    return int(match[1])


#: The ports by the names that the manifests give them.
PORTS = {
    "http": default_port("HTTP_LISTEN_ADDRESS"),
    "audiosocket": default_port("AUDIOSOCKET_LISTEN_ADDRESS"),
    "metrics": default_port("PROMETHEUS_LISTEN_ADDRESS"),
    "runner": int(re.search(r"port: int = Field\(default=(\d+)", _RUNNER)[1]),  # type: ignore[index]
}


def figure(pattern: str) -> float:
    """A number that docs/sizing.md measured."""
    match = re.search(pattern, _SIZING)
    assert match, f"docs/sizing.md no longer says {pattern!r}"
    return float(match[1].replace(",", ""))


def seconds(text: str) -> float:
    """What a duration of the daemon, of systemd, of Compose or of Kubernetes means."""
    match = re.fullmatch(r"(\d+)(ms|s|m|h)?", text)
    assert match, text
    return int(match[1]) * {"ms": 0.001, "s": 1, "m": 60, "h": 3600, None: 1}[match[2]]


def size(text: str) -> float:
    """Bytes of a quantity: 900M, 2Gi."""
    match = re.fullmatch(r"(\d+)([KMG]?)(i?)", text)
    assert match, text
    exponent = ["", "K", "M", "G"].index(match[2])
    return float(int(match[1]) * (1024 if match[3] else 1000) ** exponent)
