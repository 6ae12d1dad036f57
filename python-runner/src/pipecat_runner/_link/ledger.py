"""How much bot audio may be sent, was sent, and was heard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

FLUSHED = "flushed"
HOLD = "hold"


@dataclass(frozen=True, slots=True)
class PlayoutReport:
    """What the daemon says about its queue of bot audio.

    Positions are milliseconds of audio since the start of the call, cumulative.

    Attributes:
        pos_ms: Everything before it was heard or thrown away.
        limit_ms: The runner may send audio up to here.
        event: ``flushed`` answers an interruption marker. ``hold`` announces that playing stops; it lasts until a
            report with a higher position comes. Others mean nothing here.
        at_ms: With ``flushed``: where hearing stopped.
    """

    pos_ms: int
    limit_ms: int
    event: str | None = None
    at_ms: int | None = None

    @classmethod
    def parse(cls, data: object) -> PlayoutReport:
        """Read the ``d`` object of a ``playout`` message.

        Raises:
            ValueError: A field is missing, not a whole number, or negative.
        """
        if not isinstance(data, Mapping):
            raise ValueError(f"playout report: expected an object, got {type(data).__name__}")  # noqa: TRY004
        event = data.get("event")
        flushed = event == FLUSHED
        return cls(
            pos_ms=_position(data, "pos_ms"),
            limit_ms=_position(data, "limit_ms"),
            event=event if isinstance(event, str) else None,
            at_ms=_position(data, "at_ms") if flushed else None,
        )


def _position(data: Mapping[object, object], name: str) -> int:
    value = data.get(name)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"playout report: {name} must be a whole number of milliseconds >= 0, got {value!r:.40}")
    return value


class PlayoutLedger:
    """The books of one call's bot audio, in samples at the wire rate. Pure: time is handed in, in seconds.

    Not thread-safe: it belongs to the event loop.

    A flush has three steps: :meth:`begin_flush` when the marker is written, :meth:`stopped_at` for where hearing
    stopped, :meth:`end_flush` when everything sent before the marker counts as consumed. A pause has the same three:
    :meth:`begin_pause`, :meth:`stopped_at`, :meth:`end_pause`; a flush during a pause ends it, and hearing stopped
    where the pause began.
    """

    def __init__(self, *, rate: int, window_ms: int) -> None:
        """Start at position 0 with a grant of ``window_ms``, which holds until the first report."""
        if rate <= 0 or window_ms <= 0:
            raise ValueError(f"playout ledger: rate and window_ms must be positive, got {rate} and {window_ms}")
        self.rate = rate
        self.sent = 0
        self.heard = 0
        self.epoch = 0
        self.flushing = False
        self.paused = False
        self._limit = self.samples(window_ms)
        self._hold_at: int | None = None
        self._reported_heard = 0
        self._progress_at: float | None = None
        self._stopped_at: int | None = None
        self._paused_at: int | None = None
        self._heard_at: float | None = None

    def samples(self, ms: int) -> int:
        """Milliseconds as samples; exact for whole 20 ms frames at every rate in use."""
        return ms * self.rate // 1000

    def grants(self, position: int) -> bool:
        """Whether audio may be sent up to this position."""
        return position <= self._limit

    def add_sent(self, samples: int, now: float) -> None:
        """Enter audio that went to the socket."""
        if self.sent <= self.heard:
            self._progress_at = now
        self.sent += samples

    @property
    def on_hold(self) -> bool:
        """Whether the daemon has announced that it stopped playing for a while."""
        return self._hold_at is not None

    @property
    def outstanding(self) -> int:
        """Samples sent that were neither heard nor thrown away."""
        return max(0, self.sent - self.heard)

    def report(self, report: PlayoutReport, now: float) -> None:
        """Enter a report. Repeated and late ones are harmless: the heard position never goes back."""
        self._limit = self.samples(report.limit_ms)
        self._follow_hold(report)
        self._progress_at = now
        position = min(self.samples(report.pos_ms), self.sent)
        self._reported_heard = max(self._reported_heard, position)
        if self.flushing or self.paused:
            if report.event == FLUSHED and report.at_ms is not None:
                self._stopped_at = self.samples(report.at_ms)
        else:
            self.heard = max(self.heard, position)
            self._heard_at = now

    def _follow_hold(self, report: PlayoutReport) -> None:
        # A flush moves the position without anything being played; what plays ends the hold.
        if report.event == HOLD or (report.event == FLUSHED and self.on_hold):
            self._hold_at = report.pos_ms
        elif self._hold_at is not None and report.pos_ms > self._hold_at:
            self._hold_at = None

    def begin_flush(self) -> None:
        """Note that an interruption marker goes out: audio waiting for room belongs to the past."""
        self.flushing = True
        self.epoch += 1
        self._stopped_at = None

    def begin_pause(self) -> None:
        """Note that an interruption marker goes out, and that what it throws away will be sent again."""
        self.paused = True
        self._paused_at = None
        self._stopped_at = None

    @property
    def flush_answered(self) -> bool:
        """Whether the daemon has said where hearing stopped."""
        return self._stopped_at is not None

    def stopped_at(self, now: float) -> int:
        """Where hearing stopped: the daemon's answer, or an extrapolation of its last report. Moves ``heard`` there."""
        if self._paused_at is not None:
            return self._paused_at
        if self._stopped_at is not None:
            position = self._stopped_at
        else:
            position = self.heard
            if self.outstanding and not self.on_hold and self._heard_at is not None:
                position += int((now - self._heard_at) * self.rate)
        self.heard = max(self.heard, min(position, self.sent))
        if self.paused:
            self._paused_at = self.heard
        return self.heard

    def end_flush(self) -> None:
        """Close the flush: all sent so far is consumed, and audio may go out again."""
        self.flushing = False
        self.end_pause(self._progress_at)

    def end_pause(self, now: float | None) -> None:
        """Close the pause: all sent so far is consumed, and what was not heard of it goes out as new audio."""
        self.heard = self.sent
        self.paused = False
        self._paused_at = None
        self._progress_at = now

    def abandon(self) -> None:
        """Count everything sent as consumed: nothing more will be heard of it."""
        self.heard = self.sent

    def silent_for(self, now: float) -> float:
        """Seconds without a report while audio is outstanding and should be playing.

        0 while nothing is outstanding, in a pause, on an announced hold, and until the first audio of the call has been
        heard: the bot may speak before there is a caller.
        """
        if not self.outstanding or self.paused or self.on_hold or not self._reported_heard or self._progress_at is None:
            return 0.0
        return max(0.0, now - self._progress_at)
