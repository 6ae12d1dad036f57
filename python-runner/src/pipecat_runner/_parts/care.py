"""What the caller hears when a provider fails.

A failed answer is asked for again, then of the next provider, and when nobody is left the caller is told. Each part
(model, recogniser, voice) has a watch that knows what its failures look like; here is what they share.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from loguru import logger
from pipecat.frames.frames import OutputTransportMessageUrgentFrame

from pipecat_runner._agent import FailureConfig
from pipecat_runner._link.session import LinkSession
from pipecat_runner._parts.call_end import CallEnd, Ending
from pipecat_runner._parts.failures import Action, Failure, Part, not_seated
from pipecat_runner._parts.say import Unsay, saying
from pipecat_runner._parts.seat import Seat
from pipecat_runner._parts.watch import NotSeated

# The first choice is tried again after this long, and after each further failure twice as long.
_PARDON_SECS = 60.0
_PARDON_MAX_SECS = 960.0
# Who failed for this answer is not asked for it again; who failed for one before is better than nobody.
_LATELY_SECS = 5.0
# From the model to the voice it is a few ms, however long the model's answer.
_UNSAY_SECS = 1.0


@dataclass
class _Record:
    failed_at: float = 0.0
    pardon_secs: float = 0.0
    permanent: bool = False


class Chain:
    """Who sits in a seat when those before it have failed."""

    def __init__(self, part: Part, seat: Seat, providers: Sequence[tuple[str, str]]) -> None:
        """Name the order.

        Args:
            part: Of what.
            seat: Where.
            providers: Key in the seat and name in the table of each, the first choice first.
        """
        self.part = part
        self.seat = seat
        self._names = dict(providers)
        self._records = {key: _Record() for key, _ in providers}

    @property
    def provider(self) -> str:
        """The name of who has the seat."""
        return self.name(self.seat.active)

    @property
    def first(self) -> str:
        """The key of the first choice."""
        return next(iter(self._names))

    def holds(self, key: str) -> bool:
        """Whether a key is one of these."""
        return key in self._names

    def name(self, key: str) -> str:
        """The name in the table."""
        return self._names.get(key, key)

    def failed(self, key: str, failure: Failure) -> None:
        """Remember a failure."""
        if (record := self._records.get(key)) is None:
            return
        record.failed_at = time.monotonic()
        record.permanent = record.permanent or failure.permanent
        record.pardon_secs = min(_PARDON_MAX_SECS, record.pardon_secs * 2 or _PARDON_SECS)

    def worked(self) -> None:
        """Who has the seat has done its work."""
        if self.seat.active in self._records:
            self._records[self.seat.active] = _Record()

    def others(self) -> Iterator[str]:
        """Who can be tried now instead: the next in order first, and those that failed lately only after all others."""
        keys = list(self._records)
        at = keys.index(self.seat.active) if self.seat.active in keys else -1
        order = [*keys[at + 1 :], *keys[: max(0, at)]]
        yield from (key for key in order if self._is_pardoned(key))
        now = time.monotonic()
        for key in order:
            record = self._records[key]
            if not record.permanent and not self._is_pardoned(key) and now - record.failed_at > _LATELY_SECS:
                yield key

    def better(self) -> str | None:
        """The first choice, when somebody else has the seat and it may be tried again."""
        first = next(iter(self._records))
        return first if first != self.seat.active and self._is_pardoned(first) else None

    def _is_pardoned(self, key: str) -> bool:
        record = self._records[key]
        return not record.permanent and time.monotonic() - record.failed_at >= record.pardon_secs


class Care:
    """Looks after one call. Belongs to the event loop.

    Attributes:
        over: Whether the call is given up: no further answer is asked for.
    """

    def __init__(self, config: FailureConfig, call_end: CallEnd, *, spoken: bool) -> None:
        """Prepare.

        Args:
            config: What is said, and when the call is given up.
            call_end: Ends the call in order.
            spoken: Whether there is a voice; without one sentences are written.
        """
        self.config = config
        self.over = False
        self._call_end = call_end
        self._spoken = spoken
        self._in_a_row: Counter[Part] = Counter()
        self._session: LinkSession | None = None
        self._mouth: Seat | None = None

    def follow(self, session: LinkSession, mouth: Seat) -> None:
        """Name who is told of failures, and from where in the pipeline the caller is."""
        self._session = session
        self._mouth = mouth

    async def tell(self, failure: Failure, action: Action, to: str = "") -> None:
        """Report a failure and what was done about it."""
        logger.warning(
            "{} {} failed: {} ({}); {}{}",
            failure.part,
            failure.provider,
            failure.kind,
            failure.message,
            action,
            f" to {to}" if to else "",
        )
        data = {
            "part": failure.part,
            "provider": failure.provider,
            "kind": failure.kind,
            "action": action,
            "message": failure.message,
        } | ({"to": to} if to else {})
        message = {"label": "rtvi-ai", "type": "server-message", "data": {"t": "provider-error", "d": data}}
        if self._session is not None:
            await self._session.send(OutputTransportMessageUrgentFrame(message=message))

    async def switch(self, chain: Chain, *, discard: bool) -> str | None:
        """Give a seat to the next provider that can take it, and with it what the one before did not finish.

        Returns:
            Its name; None when nobody is left.
        """
        for key in list(chain.others()):
            try:
                await chain.seat.switch(key, finish=False, discard=discard)
            except NotSeated as e:
                failure = not_seated(chain.part, chain.name(key), e)
                chain.failed(key, failure)
                await self.tell(failure, "none")
            else:
                return chain.name(key)
        return None

    def worked(self, chain: Chain) -> None:
        """A part has done what was asked of it."""
        self._in_a_row[chain.part] = 0
        chain.worked()

    async def give_in(self, failure: Failure, sentence: str) -> None:
        """Nobody is left who could do it: tell the caller, and after too many in a row say goodbye."""
        self._in_a_row[failure.part] += 1
        limit = self.config.give_up_after
        if self.over:
            await self.tell(failure, "none")
        elif limit and self._in_a_row[failure.part] >= limit:
            await self.tell(failure, "ended")
            await self.give_up(failure)
        else:
            await self.tell(failure, "apologised")
            await self.say(sentence)

    async def unsay(self) -> bool:
        """Take back what the model has said of its current answer; False when some of it was spoken already."""
        if not self._spoken or self._mouth is None:
            return False
        unsay = Unsay()
        await self._mouth.push_frame(unsay)
        try:
            async with asyncio.timeout(_UNSAY_SECS):
                return await unsay.unsaid
        except TimeoutError:
            return False

    async def fall_silent(self, failure: Failure) -> None:
        """The voice is lost and nothing can be said; after too many in a row the call is for another runner."""
        self._in_a_row[failure.part] += 1
        limit = self.config.give_up_after
        if self.over or not limit or self._in_a_row[failure.part] < limit:
            await self.tell(failure, "none")
            return
        self.over = True
        await self.tell(failure, "ended")
        await self._end(Ending("runner_lost", self._summary(failure)))

    async def give_up(self, failure: Failure) -> None:
        """Say goodbye, and end the call when it was heard."""
        self.over = True
        await self.say(self.config.goodbye)
        await self._end(Ending("bot_ended", self._summary(failure)))

    async def say(self, sentence: str) -> None:
        """Say a sentence behind everything the model has said."""
        if sentence and self._mouth is not None:
            for frame in saying(sentence, spoken=self._spoken):
                await self._mouth.push_frame(frame)

    def _summary(self, failure: Failure) -> str:
        count = self._in_a_row[failure.part]
        return f"{failure.part} {failure.provider} failed {count} times in a row, at last: {failure.kind}"

    async def _end(self, ending: Ending) -> None:
        if self._mouth is not None:
            await self._call_end.end(self._mouth.pipeline_worker, ending)
