"""A call with a team: a model for each member, so that it is seen who was asked what, and voices told by level."""

from __future__ import annotations

import asyncio
import itertools
import struct
import uuid
from collections.abc import AsyncGenerator
from http.server import BaseHTTPRequestHandler
from typing import Any, cast

import pytest
from pipecat.frames.frames import Frame, StartFrame, TranscriptionFrame, TTSAudioRawFrame
from pipecat.services.settings import STTSettings
from pipecat.services.stt_service import STTService

from pipecat_runner._agent import LlmConfig, SttConfig, TtsConfig
from pipecat_runner._providers import llm as models
from pipecat_runner._providers import stt as recognisers
from pipecat_runner._providers import tts as voices
from pipecat_runner._providers.stt import Ears
from pipecat_runner._providers.table import Provider
from pipecat_runner._providers.tts import Voice
from tests.support.peer import Peer
from tests.support.runner import Runner
from tests.support.services import CallTool, JsonServer, Say, ToolServer, _send
from tests.support.stage import Script, ok
from tests.support.strict import Messages, StrictLlmServer
from tests.support.words import RATE, SentenceVoice, word_ms

_SLOPE_MS = 20
#: The level of a voice that does not come up.
HANGING = 1


class LevelVoice(SentenceVoice):
    """Speaks at one level, by which it is recognised."""

    def __init__(self, level: int, rate: int) -> None:
        super().__init__(rate=rate)
        self._level = level
        self._rate = rate

    async def start(self, frame: StartFrame) -> None:
        """Connect, as it were."""
        await super().start(frame)
        if self._level == HANGING:
            await asyncio.Event().wait()

    async def synthesize(self, text: str, context_id: str) -> AsyncGenerator[TTSAudioRawFrame, None]:
        for word in text.split():
            sample = struct.pack("<h", self._level)
            yield TTSAudioRawFrame(sample * (word_ms(word) * self._rate // 1000), self._rate, 1, context_id=context_id)


class NamedEars(STTService):
    """Hears a caller who makes any sound, and says who heard it."""

    def __init__(self, name: str) -> None:
        super().__init__(settings=STTSettings(model=name, language=None), ttfs_p99_latency=0.1)
        self._ears = name
        self._loud = False

    async def run_stt(self, audio: bytes) -> AsyncGenerator[Frame | None, None]:
        loud, self._loud = self._loud, any(audio)
        if self._loud and not loud:
            yield TranscriptionFrame(f"heard by {self._ears}", "", "")


class Switched(JsonServer):
    """Where handovers are posted; answers what it is told to, the last answer again and again."""

    def __init__(self) -> None:
        super().__init__()
        self.statuses = [200]

    def answer(self, handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        _send(handler, status, "application/json", b"{}")


class TeamStage:
    """A runner, a daemon, and a model for each member that ``scripts`` names."""

    def __init__(self, **scripts: Script) -> None:
        self.llms = {name: StrictLlmServer(script) for name, script in scripts.items()}
        self.switched = Switched()
        self.tools = ToolServer(ok)
        self.runner = Runner()
        self.peer = Peer()
        self.made: list[str] = []
        self._patch = pytest.MonkeyPatch()

    def __enter__(self) -> TeamStage:
        def voice(config: TtsConfig, _: object) -> Voice:
            self.made.append(f"voice {config.voice}")
            if config.voice == "0":
                raise RuntimeError("this one cannot be made")
            rate = int(config.model or RATE)
            return Voice(LevelVoice(int(config.voice or 0), rate), rate)

        ours = models.PROVIDERS["openai_compatible"]

        def model(config: LlmConfig, speech: Any) -> Any:
            self.made.append(f"model {config.model}")
            if config.model == "broken":
                raise RuntimeError("this one cannot be made")
            return ours.build(config, speech)

        def ears(config: SttConfig, _: object) -> Ears:
            self.made.append(f"ears {config.model}")
            return Ears(NamedEars(config.model or ""))

        listeners: Provider[SttConfig, Ears] = Provider(ears)
        self._patch.setitem(cast(dict[str, Any], recognisers.PROVIDERS), "named", listeners)
        levels: Provider[TtsConfig, Voice] = Provider(voice)
        self._patch.setitem(cast(dict[str, Any], voices.PROVIDERS), "level", levels)
        self._patch.setitem(cast(dict[str, Any], models.PROVIDERS), "scripted", Provider(model))
        for part in self._parts():
            part.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        for part in reversed(self._parts()):
            part.__exit__()
        self._patch.undo()
        assert self.runner.left_over == []
        refused = {name: llm.refused for name, llm in self.llms.items() if llm.refused}
        assert not refused, "a provider would have refused this conversation"

    def _parts(self) -> list[Any]:
        return [*self.llms.values(), self.switched, self.tools, self.runner, self.peer]

    def member(self, name: str, *to: str, llm: str = "", model: str = "m", **agent: Any) -> dict[str, Any]:
        """A member with the model of its name, that may hand over to others."""
        server = self.llms[llm or name]
        own = {"prompt": f"You are {name}.", "llm": {"type": "scripted", "model": model, "base_url": server.base_url}}
        ways = [{"function_name": f"to_{other}", "description": f"To {other}.", "to": other} for other in to]
        return {
            "id": name,
            "name": name.title(),
            "agent": own | agent,
            "tools": [],
            "transitions": ways,
        }

    def body(self, *members: dict[str, Any], **more: Any) -> dict[str, Any]:
        link = {"tools_url": self.tools.url, "member_switched_url": self.switched.url}
        team = {"start": more.pop("start", members[0]["id"]), "members": list(members)}
        return {"agent": {"team": team, **more.pop("agent", {})}, "link": link, **more}

    def start(self, *members: dict[str, Any], **more: Any) -> None:
        self.runner.start(self.peer, **self.body(*members, **more))

    def address_of(self, models_at: dict[str, str]) -> None:
        """Have a vendor ``by_model`` whose models are at these addresses."""

        def build(config: LlmConfig, speech: Any) -> Any:
            address = models_at[config.model or ""]
            return models.PROVIDERS["openai_compatible"].build(config.model_copy(update={"base_url": address}), speech)

        self._patch.setitem(cast(dict[str, Any], models.PROVIDERS), "by_model", Provider(build))

    def say(self, text: str) -> None:
        self.peer.say(text)

    def make_a_sound(self) -> None:
        """Let the caller make one: 100 ms, and silence after it."""
        for level in (3000, 0):
            for _ in range(5):
                self.peer.send_audio(struct.pack("<h", level) * 320)

    def wait_said(self, text: str) -> None:
        self.peer.wait_until(lambda: text in "".join(d["text"] for d in self.peer.data("bot-llm-text")), text)

    def wait_spoken(self, text: str) -> None:
        def is_spoken() -> bool:
            heard = [d["text"] for d in self.peer.data("bot-output") if d.get("spoken_status") == "completed"]
            return text in heard

        self.peer.wait_until(is_spoken, f"{text!r} to be heard")

    def levels(self) -> list[tuple[int, int]]:
        """Whose voice was heard and for how many ms, in order; pauses are left out."""
        levels = [
            struct.unpack_from("<h", frame or b"", offset)[0]
            for frame in self.peer.heard
            for offset in (0, 320)
            if frame
        ]
        heard: list[tuple[int, int]] = []
        for level, group in itertools.groupby(round(level, -3) for level in levels if level):
            ms = 10 * len(list(group))
            # Where rates differ a resampler makes slopes of the edges.
            if ms > _SLOPE_MS:
                before = heard.pop()[1] if heard and heard[-1][0] == level else 0
                heard.append((level, before + ms))
        return heard

    def asked(self, name: str) -> list[dict[str, Any]]:
        return self.llms[name].requests


def says(text: str, **by_word: Say | CallTool) -> Script:
    """A model that says one thing, unless the last message has a word."""

    def answer(messages: Messages) -> Say | CallTool:
        last = str(messages[-1]["content"])
        return next((made for word, made in by_word.items() if word in last), Say(text))

    return answer


def uuid_of(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name))


def voice(level: int, rate: int = RATE) -> dict[str, str]:
    return {"type": "level", "voice": str(level), "model": str(rate)}


def ears(name: str) -> dict[str, str]:
    return {"type": "named", "model": name}


def ms(text: str) -> int:
    return sum(word_ms(word) for word in text.split())
