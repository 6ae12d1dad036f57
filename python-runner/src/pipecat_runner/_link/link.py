"""Both sides of a link, set up so that nothing of pipecat's defaults gets in the way of a telephone call."""

from __future__ import annotations

from pipecat.transports.base_transport import TransportParams

from pipecat_runner._link.barrier import Barrier
from pipecat_runner._link.input import LinkInput
from pipecat_runner._link.output import LinkOutput
from pipecat_runner._link.session import LinkSession

# Waiting for the daemon's grant counts as writing for pipecat; a caller on hold for long is not a dead peer.
_WRITE_TIMEOUT_SECS = 3600.0


class Link:
    """The transports of one call. ``input`` goes first in the pipeline, ``output`` after the TTS, ``barrier`` last."""

    def __init__(self, session: LinkSession, *, in_rate: int, out_rate: int, window_ms: int, chunk_ms: int) -> None:
        """Create the transports over a socket that will be open when the pipeline starts.

        Args:
            session: The socket.
            in_rate: Rate of the caller's audio in Hz.
            out_rate: Rate of the bot's audio in Hz, on the wire and in the pipeline.
            window_ms: How far the bot may run ahead before the daemon's first report.
            chunk_ms: Length of one audio message.
        """
        params = TransportParams(
            audio_in_enabled=True,
            audio_in_sample_rate=in_rate,
            audio_out_enabled=True,
            audio_out_sample_rate=out_rate,
            audio_out_end_silence_secs=0,
            audio_out_write_timeout_secs=_WRITE_TIMEOUT_SECS,
        )
        self.session = session
        self.in_rate = in_rate
        self.out_rate = out_rate
        self.output = LinkOutput(session, params, window_ms=window_ms, chunk_ms=chunk_ms)
        self.input = LinkInput(session, params, on_playout=self.output.on_playout)
        self.barrier = Barrier()
