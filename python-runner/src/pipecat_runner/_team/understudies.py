"""The services of all members in the seats of one pipeline. Those that nobody has needed yet are not made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Generic, Protocol, TypeVar, cast, runtime_checkable

from pipecat.processors.frame_processor import FrameProcessor

from pipecat_runner._agent import LlmConfig, ProviderConfig, SttConfig, TtsConfig
from pipecat_runner._parts.care import Chain
from pipecat_runner._parts.failures import Part
from pipecat_runner._parts.seat import Seat
from pipecat_runner._parts.services import keys_of

C = TypeVar("C", LlmConfig, SttConfig, TtsConfig)


@runtime_checkable
class _Follows(Protocol):
    """A watch that looks after whoever is in a chain."""

    def follow(self, chain: Chain) -> None: ...


class Understudies(Generic[C]):
    """Who may sit in one seat, by configuration: members with the same one share its service."""

    def __init__(self, part: Part, seat: Seat, first: C, build: Callable[[C], FrameProcessor]) -> None:
        """Begin with whoever has the seat.

        Args:
            part: What kind of services sit there.
            seat: The seat.
            first: The configuration of who has it.
            build: Makes a service, in a thread.
        """
        self.seat = seat
        self._part = part
        self._build: Callable[[C], FrameProcessor] = build
        line = _line(first)
        self._chains: dict[str, Chain] = {_text(first): Chain(part, seat, _named(keys_of(line), line))}

    def offer(self, config: C, name: str) -> Chain:
        """Name a configuration, and with it those that stand in for it.

        Args:
            config: It.
            name: Unique in this seat, for logs and keys.
        """
        text = _text(config)
        if text not in self._chains:
            line = _line(config)
            keys = [f"{name}/{key}" for key in keys_of(line)]
            for key, entry in zip(keys, line, strict=True):
                self.seat.offer(key, partial(self._build, entry))
            self._chains[text] = Chain(self._part, self.seat, _named(keys, line))
        return self._chains[text]

    async def prepare(self, config: C, name: str) -> None:
        """Make a service that is likely to be needed.

        Raises:
            NotSeated: It cannot be made.
        """
        await self.seat.prepare(self.offer(config, name).first)

    async def seat_of(self, config: C, name: str) -> None:
        """Give the seat to a configuration's service, when whoever has it has finished.

        Raises:
            NotSeated: It cannot be made; whoever had the seat has it still.
        """
        chain = self.offer(config, name)
        if not chain.holds(self.seat.active):
            await self.seat.switch(chain.first)
        if isinstance(self.seat.watch, _Follows):
            self.seat.watch.follow(chain)


def _line(config: C) -> list[C]:
    return [config, *cast(Any, config.fallback)]


def _named(keys: Sequence[str], line: Sequence[ProviderConfig]) -> list[tuple[str, str]]:
    return [(key, config.type) for key, config in zip(keys, line, strict=True)]


def _text(config: ProviderConfig) -> str:
    # Keys are told apart, too; this stays in the process and in no log.
    return repr(_plain(config.model_dump()))


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items() if key != "instruction"}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value.get_secret_value() if hasattr(value, "get_secret_value") else value
