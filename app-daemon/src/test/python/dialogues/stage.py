"""Where dialogues are played: one packaged daemon with its own runner, and an agent for each dialogue."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from dialogues.call import Call, Failed
from dialogues.servers import Answer, Hook, Hooks, Messages, Mind, Minds, Nowhere, Say
from support.daemon import Daemon

# Whisper and Piper of so many calls at once still answer in time on two cores.
AT_ONCE = 4
_PLAY_SECONDS = 60


@dataclass(frozen=True)
class Dialogue:
    """One conversation: who answers, what is around, and how it goes.

    Attributes:
        agent: Merged into an assistant with a greeting, Whisper and Piper. ``{name}`` stands for the dialogue's name,
            ``{hooks}`` and ``{nowhere}`` for addresses.
        minds: Models by what follows the dialogue's name: ``""`` is the agent's own.
        hooks: Webhooks, likewise by the end of their path.
        alone: Played when no other is, because it takes something down.
    """

    group: str
    name: str
    play: Callable[[Call, Scene], Awaitable[None]]
    agent: dict[str, Any] = field(default_factory=dict)
    minds: dict[str, Mind] = field(default_factory=dict)
    hooks: dict[str, Hook] = field(default_factory=dict)
    alone: bool = False


@dataclass
class Scene:
    """What a dialogue may look at beside its call."""

    name: str
    minds: Minds
    hooks: Hooks
    api: httpx.AsyncClient

    def asked(self, mind: str = "") -> list[dict[str, Any]]:
        """The requests a model got."""
        return self.minds.requests[self.name + mind]

    def called(self, hook: str) -> list[dict[str, Any]]:
        """The bodies a webhook got."""
        return self.hooks.calls[f"/{self.name}/{hook}"]

    def called_at(self, hook: str) -> list[float]:
        """When it got them, in monotonic seconds."""
        return self.hooks.times[f"/{self.name}/{hook}"]


@dataclass(frozen=True)
class Outcome:
    """How a dialogue went."""

    dialogue: Dialogue
    seconds: float
    turns: int
    answers_ms: list[float]
    failure: str = ""


ALL: list[Dialogue] = []


def dialogue(
    group: str,
    *,
    mind: Mind | None = None,
    minds: dict[str, Mind] | None = None,
    hooks: dict[str, Hook] | None = None,
    alone: bool = False,
    **agent: Any,
) -> Callable[[Callable[[Call, Scene], Awaitable[None]]], Callable[[Call, Scene], Awaitable[None]]]:
    """Enter a dialogue; the keywords that are not named here are keys of its agent."""

    def enter(play: Callable[[Call, Scene], Awaitable[None]]) -> Callable[[Call, Scene], Awaitable[None]]:
        every = {**({"": mind} if mind else {}), **(minds or {})}
        name: str = getattr(play, "__name__", "")
        ALL.append(Dialogue(group, name, play, agent, every, hooks or {}, alone))
        return play

    return enter


def listening(
    rules: dict[str, Answer | Callable[[Messages], Answer]],
    *,
    result: Answer | Callable[[Messages], Answer] | None = None,
    otherwise: Answer | None = None,
) -> Mind:
    """A model that answers the last thing said by the first rule whose words are in it.

    Args:
        rules: Words, in lower case, and what is answered.
        result: What follows a tool's result.
        otherwise: What is answered when no rule fits.
    """

    def think(messages: Messages) -> Answer:
        last = next((m for m in reversed(messages) if m["role"] in ("user", "tool")), {"role": "user"})
        found: Answer | Callable[[Messages], Answer] = otherwise or Say("I did not get that.")
        if last["role"] == "tool" and result is not None:
            found = result
        else:
            text = str(last.get("content")).lower()
            found = next((answer for words, answer in rules.items() if words in text), found)
        return found(messages) if callable(found) else found

    return think


def tool_result(messages: Messages) -> str:
    """The content of the last tool message, as text."""
    return str(next(m["content"] for m in reversed(messages) if m["role"] == "tool"))


class Stage:
    """Use as an async context manager; then :meth:`play`."""

    def __init__(self, folder: Path, dialogues: list[Dialogue]) -> None:
        self._folder = folder
        self._dialogues = dialogues

    async def __aenter__(self) -> Stage:
        self._minds = Minds().__enter__()
        self._hooks = Hooks().__enter__()
        self._nowhere = Nowhere()
        nowhere = self._nowhere.__enter__()
        agents = {}
        for each in self._dialogues:
            for name, mind in each.minds.items():
                self._minds(each.name + name, mind)
            for path, hook in each.hooks.items():
                self._hooks(f"/{each.name}/{path}", hook)
            agents[each.name] = _filled(
                _merged(_assistant(each.name, self._minds.url), each.agent),
                {
                    "{name}": each.name,
                    "{minds}": self._minds.url,
                    "{hooks}": f"{self._hooks.url}/{each.name}",
                    "{nowhere}": nowhere,
                },
            )
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / "agents.yaml"
        file.write_text(json.dumps({"agents": agents}, indent=1))
        self.daemon = await asyncio.to_thread(Daemon.embedded, self._folder, AGENTS_FILE=str(file))
        self._api = httpx.AsyncClient(base_url=f"http://{self.daemon.ready['http']}", timeout=30)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._api.aclose()
        await asyncio.to_thread(self.daemon.stop)
        self._nowhere.__exit__()
        self._hooks.__exit__()
        self._minds.__exit__()

    async def play(self, told: Callable[[Outcome], None]) -> list[Outcome]:
        """Play all dialogues, several at a time; those that want to be alone come last."""
        places = asyncio.Semaphore(AT_ONCE)

        async def one(each: Dialogue) -> Outcome:
            async with places:
                outcome = await self._play(each)
                told(outcome)
                return outcome

        together = await asyncio.gather(*(one(each) for each in self._dialogues if not each.alone))
        alone = [await one(each) for each in self._dialogues if each.alone]
        return [*together, *alone]

    async def _play(self, each: Dialogue) -> Outcome:
        began = time.monotonic()
        scene = Scene(each.name, self._minds, self._hooks, self._api)
        call = Call(self.daemon.ready["http"], self.daemon.ready["audiosocket"][0], each.name)
        failure = ""
        try:
            async with asyncio.timeout(_PLAY_SECONDS), call:
                await each.play(call, scene)
                if not call.hung_up:
                    await self._api.post(f"/v1/pipecatcalls/{call.id}/stop")
        except (Failed, TimeoutError, httpx.HTTPError, OSError, KeyError, IndexError, AssertionError) as e:
            story = "" if isinstance(e, Failed) else f"\n{call.story()}"
            failure = f"{type(e).__name__}: {e}{story}"
        turns = sum(event.type == "message_user_llm" for event in call.events)
        return Outcome(each, time.monotonic() - began, turns, call.answers_ms, failure)


def table(outcomes: list[Outcome]) -> str:
    """What is printed at the end."""
    lines = [f"{'dialogue':<62} {'s':>5} {'turns':>5} {'answer ms':>9}"]
    for each in sorted(outcomes, key=lambda outcome: (outcome.dialogue.group, outcome.dialogue.name)):
        title = f"{each.dialogue.group}: {each.dialogue.name.replace('_', ' ')}"
        worst = f"{max(each.answers_ms):.0f}" if each.answers_ms else "-"
        state = "" if not each.failure else "  FAILED"
        lines.append(f"{title:<62} {each.seconds:>5.1f} {each.turns:>5} {worst:>9}{state}")
    return "\n".join(lines)


def _assistant(name: str, minds: str) -> dict[str, Any]:
    return {
        "bot": "assistant",
        "greeting": "Welcome to the bank.",
        "prompt": f"You are {name}.",
        "llm": {"type": "openai_compatible", "base_url": f"{minds}/v1", "model": name, "api_key": "none"},
        "stt": {"type": "whisper", "model": "tiny.en", "language": "en"},
        "tts": {"type": "piper"},
    }


def _merged(base: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in more.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = _merged(merged[key], value)
        else:
            merged[key] = value
    return merged


def _filled(value: Any, words: dict[str, str]) -> Any:
    if isinstance(value, str):
        for word, text in words.items():
            value = value.replace(word, text)
        return value
    if isinstance(value, dict):
        return {key: _filled(item, words) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, words) for item in value]
    return value
