"""A call to try tools and teams with: runner, daemon, tools endpoint, and a model that refuses as providers do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

from pipecat_runner._agent import TtsConfig
from pipecat_runner._providers.table import Provider
from pipecat_runner._providers.tts import PROVIDERS as VOICES
from pipecat_runner._providers.tts import Voice
from tests.support.peer import Peer
from tests.support.runner import Runner
from tests.support.services import Answer, CallTool, Say, ToolServer
from tests.support.strict import Messages, StrictLlmServer
from tests.support.words import RATE, SentenceVoice

Script = Callable[[Messages], Say | CallTool]

#: An agent's ``tts`` whose voice a test can recognise.
VOICE = {"type": "words"}


def tool(name: str, **more: Any) -> dict[str, Any]:
    """A tool of a request."""
    return {"name": name, "description": f"The {name}.", "parameters": {"type": "object"}, **more}


def ok(call: dict[str, Any], data: Any = None) -> Answer:
    """What the daemon answers when a tool has worked."""
    return 200, {"tool_call_id": call["id"], "result": "success", "message": "", "data": data or {"euro": 12}}


def name_of(call: dict[str, Any]) -> str:
    """The tool a call is for."""
    return str(call["function"]["name"])


def answers(**by_word: Say | CallTool) -> Script:
    """A model that repeats results, and looks for words in what else it hears."""

    def answer(messages: Messages) -> Say | CallTool:
        last = messages[-1]
        content = str(last["content"])
        if '"euro": 12' in content:
            return Say("Twelve euro.")
        if last["role"] == "tool":
            return Say(f"Result {content[:3000]}")
        found = next((made for word, made in by_word.items() if word in content), None)
        return found or Say("I am listening.")

    return answer


class Stage:
    """Use as a context manager. At its end no request may have been one that a provider refuses.

    Attributes:
        respond: What the daemon's tools do.
    """

    def __init__(self, answer: Script, voice: type[SentenceVoice] = SentenceVoice) -> None:
        self._voice = voice
        self.llm = StrictLlmServer(answer)
        self.respond: Callable[[dict[str, Any]], Answer] = ok
        self.tools = ToolServer(self._respond)
        self.runner = Runner()
        self.peer = Peer()
        self._patch = pytest.MonkeyPatch()

    def __enter__(self) -> Stage:
        words: Provider[TtsConfig, Voice] = Provider(lambda *_: Voice(self._voice(), RATE))
        self._patch.setitem(cast(dict[str, Any], VOICES), "words", words)
        for part in (self.llm, self.tools, self.runner, self.peer):
            part.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        for part in (self.peer, self.runner, self.tools, self.llm):
            part.__exit__()
        self._patch.undo()
        assert self.runner.left_over == []
        assert self.llm.refused == [], "a provider would have refused this conversation"

    def _respond(self, call: dict[str, Any]) -> Answer:
        return self.respond(call)

    # -- what a test does

    def start(self, tools: list[dict[str, Any]], **agent: Any) -> None:
        """Start a call."""
        self.runner.start(self.peer, **self.body(tools, **agent))

    def body(self, tools: list[dict[str, Any]], **agent: Any) -> dict[str, Any]:
        """What a call is started with."""
        llm = {"type": "openai_compatible", "model": "m", "base_url": self.llm.base_url}
        return {"agent": {"llm": llm, **agent}, "tools": tools, "link": {"tools_url": self.tools.url}}

    def say(self, text: str) -> None:
        """Send what the caller would have said."""
        self.peer.say(text)

    # -- what it sees

    def results(self, request: int = -1) -> list[str]:
        """What the model was told about its calls."""
        return self.llm.said_by("tool", request)

    def said(self) -> str:
        """What the model made, whether it was heard or not."""
        return "".join(data["text"] for data in self.peer.data("bot-llm-text"))

    def wait_said(self, text: str) -> None:
        """Wait until the model has said this."""
        self.peer.wait_until(lambda: text in self.said(), f"the model to say {text!r}")

    def spoken(self) -> list[str]:
        """The sentences that were heard to their end."""
        return [data["text"] for data in self.peer.data("bot-output") if data.get("spoken_status") == "completed"]

    def wait_spoken(self, text: str, count: int = 1) -> None:
        """Wait until the caller has heard this sentence so many times."""
        self.peer.wait_until(lambda: self.spoken().count(text) >= count, f"{text!r} to be heard")

    def ending(self) -> str | None:
        """The reason the daemon was given for the end."""
        told = [data["d"]["reason"] for data in self.peer.data("server-message") if data.get("t") == "call-ending"]
        return str(told[0]) if told else None
