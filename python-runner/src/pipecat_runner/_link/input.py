"""Takes what the daemon sends: caller audio and messages into the pipeline, playout reports past it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable

from google.protobuf.message import DecodeError
from loguru import logger
from pipecat.frames.frames import EndFrame, InputAudioRawFrame, InputTransportMessageFrame, StartFrame
from pipecat.transports.base_input import BaseInputTransport
from pipecat.transports.base_transport import TransportParams

from pipecat_runner._link.ledger import PlayoutReport
from pipecat_runner._link.session import LinkSession, playout_data

# Two seconds at 16 kHz. The daemon sends 20 ms at a time; more in one frame is a mistake, not a backlog.
_MAX_AUDIO_BYTES = 64_000


class CallerAudio(InputAudioRawFrame):
    """The caller, 50 times a second. pipecat makes a text of each frame at each hop, for a log that is off."""

    def __str__(self) -> str:
        return self.name


class LinkInput(BaseInputTransport):
    """The pipeline's first processor.

    The socket is read from the moment the pipeline has started, never before: audio that came earlier waits in the
    socket. Reading goes on after the pipeline was told to end, because the reports that say when the last word was
    heard still arrive then.
    """

    def __init__(
        self, session: LinkSession, params: TransportParams, *, on_playout: Callable[[PlayoutReport], None]
    ) -> None:
        """Create the input side of a link.

        Args:
            session: The open socket.
            params: Must enable audio input.
            on_playout: Called with each playout report, before anything else in the pipeline runs.
        """
        super().__init__(params)
        self._session = session
        self._on_playout = on_playout
        self._reader: asyncio.Task[None] | None = None
        self._ended = False
        self._dropped: Counter[str] = Counter()

    async def start(self, frame: StartFrame) -> None:
        """Open the way for audio, then begin to read."""
        await super().start(frame)
        await self.set_transport_ready(frame)
        if self._reader is None:
            self._reader = self.create_task(self._read(), "link-reader")

    async def stop(self, frame: EndFrame) -> None:
        """Let nothing but reports through from here on."""
        self._ended = True
        await super().stop(frame)

    async def cleanup(self) -> None:
        """Stop reading."""
        await super().cleanup()
        if self._reader is not None:
            await self.cancel_task(self._reader)
            self._reader = None
        for reason, count in self._dropped.items():
            logger.warning("link: {} messages dropped: {}", count, reason)

    async def _read(self) -> None:
        while (message := await self._session.receive()) is not None:
            if isinstance(message, bytes):
                await self._take(message)
            else:
                self._drop("a text message; the link is binary protobuf")

    async def _take(self, message: bytes) -> None:
        try:
            frame = await self._session.serializer.deserialize(message)
        except (DecodeError, ValueError):
            self._drop("not a protobuf frame")
            return
        if frame is None:
            self._drop("an empty or unknown frame")
        elif isinstance(frame, InputTransportMessageFrame):
            await self._take_message(frame)
        elif self._ended:
            return
        elif isinstance(frame, InputAudioRawFrame):
            await self._take_audio(frame)
        else:
            await self.push_frame(frame)

    async def _take_message(self, frame: InputTransportMessageFrame) -> None:
        data = playout_data(frame.message)
        if data is not None:
            try:
                report = PlayoutReport.parse(data)
            except ValueError as e:
                self._drop(str(e))
                return
            self._on_playout(report)
        elif not isinstance(frame.message, dict):
            self._drop("a message that is not a JSON object")
        elif not self._ended:
            await self.broadcast_frame(InputTransportMessageFrame, message=frame.message)

    async def _take_audio(self, frame: InputAudioRawFrame) -> None:
        # pipecat takes the rate on trust: audio at another one would be heard at the wrong speed.
        if frame.sample_rate != self.sample_rate or frame.num_channels != 1:
            self._drop(f"audio that is not mono at {self.sample_rate} Hz")
        elif len(frame.audio) % 2 or len(frame.audio) > _MAX_AUDIO_BYTES:
            self._drop(f"audio of an odd length or more than {_MAX_AUDIO_BYTES} bytes")
        else:
            await self.push_audio_frame(CallerAudio(frame.audio, frame.sample_rate, 1))

    def _drop(self, reason: str) -> None:
        self._dropped[reason] += 1
        if self._dropped[reason] == 1:
            logger.warning("link: message dropped: {}; further ones are counted", reason)
