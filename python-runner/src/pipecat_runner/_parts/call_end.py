"""The end of a call that the bot decides on: after its last words were heard, and for a reason."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from loguru import logger
from pipecat.pipeline.worker import PipelineWorker

from pipecat_runner._link.output import LinkOutput

#: A goodbye is not longer than this; a caller who puts the call on hold during it is not kept.
LAST_WORDS_SECS = 15.0


@dataclass(frozen=True, slots=True)
class Ending:
    """What the daemon is told when the bot has ended the call.

    Attributes:
        reason: ``bot_ended``, ``transferred`` or ``idle``.
        message: For people.
    """

    reason: str = "bot_ended"
    message: str = "the bot ended the call"

    def as_message(self) -> dict[str, Any]:
        """The ``d`` of ``call-ending``."""
        return {"reason": self.reason, "message": self.message}


class CallEnd:
    """Ends one call, once. Belongs to the event loop.

    Attributes:
        ending: Why the call ends, or would if it ended now.
    """

    def __init__(self, *, last_words_secs: float = LAST_WORDS_SECS) -> None:
        """Prepare.

        Args:
            last_words_secs: From :meth:`end` until the call ends although its last words were not heard.
        """
        self.ending = Ending()
        self.last_words_secs = last_words_secs
        self._output: LinkOutput | None = None
        self._deadline: asyncio.Task[None] | None = None

    def follow(self, output: LinkOutput) -> None:
        """Name the output whose last words are waited for."""
        self._output = output

    async def end(self, worker: PipelineWorker, ending: Ending, *, within_secs: float | None = None) -> None:
        """End the call when everything said so far was heard; returns at once. Only the first call of this counts.

        Args:
            worker: The call's pipeline.
            ending: What the daemon is told.
            within_secs: Instead of ``last_words_secs``.
        """
        if self._deadline is not None or self._output is None:
            return
        self.ending = ending
        # Goes through the pipeline behind everything said so far, and the output lets it out when that was heard.
        await worker.stop_when_done()
        limit = self.last_words_secs if within_secs is None else within_secs
        self._deadline = asyncio.create_task(_give_up_later(self._output, limit), name="call-end-deadline")

    async def close(self) -> None:
        """Forget the deadline."""
        if self._deadline is not None:
            self._deadline.cancel()
            await asyncio.gather(self._deadline, return_exceptions=True)


async def _give_up_later(output: LinkOutput, after_secs: float) -> None:
    await asyncio.sleep(after_secs)
    logger.warning("the bot's last words were not heard within {:g} s; the call ends now", after_secs)
    # Cancelling the worker would do nothing: it pushes no frame any more once it waits for the end it has begun.
    output.give_up()
