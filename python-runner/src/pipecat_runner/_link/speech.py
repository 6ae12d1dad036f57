"""The sentences on their way to the caller, for voices that do not time their words.

Two kinds of TTS service are covered. Most deliver a sentence's audio and then its text: the sentence counts as spoken
once its audio was heard. Some WebSocket services deliver all text first and audio later, without saying which is
which: there the text is laid over the context's audio in proportion to its letters.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Generic, TypeVar

from pipecat_runner._link.voiced import VoicedSpan
from pipecat_runner._link.words import split_spoken

T = TypeVar("T")

# Until a voice has been heard, and how fast its speed is learned. Measured voices take 55 to 75 ms a character.
_MS_PER_CHARACTER = 65.0
_LEARNING = 0.3


class TextOrder(Enum):
    """Whether a sentence's text came behind its audio or before it."""

    AFTER_AUDIO = "after audio"
    BEFORE_AUDIO = "before audio"
    UNKNOWN = "unknown"


@dataclass(slots=True)
class Sentence:
    """One announced sentence.

    Attributes:
        id: The announcement's id, which later frames refer to.
        text: What is being said.
        kind: Its text type, passed on unseen.
        context: The TTS context it belongs to.
        announcement: What announces it, where that waits until it is heard.
        span: Its audio so far.
        start: Stream position at which its audio begins, once known.
        complete: Whether all of its audio has been made.
        lost: Whether the rest of its audio will never be made.
    """

    id: int
    text: str
    kind: str
    context: str | None
    announcement: Any = None
    span: VoicedSpan = field(default_factory=VoicedSpan)
    start: int | None = None
    complete: bool = False
    lost: bool = False


@dataclass(frozen=True, slots=True)
class SpokenPrefix:
    """The part of a sentence that was heard before an interruption."""

    sentence: Sentence
    spoken: str
    rest: str


@dataclass(slots=True)
class _EarlyContext:
    """A context whose text came first."""

    span: VoicedSpan = field(default_factory=VoicedSpan)
    characters: int = 0
    start: int | None = None
    complete: bool = False


@dataclass(slots=True)
class _EarlyText(Generic[T]):
    sentence: Sentence
    first: int
    last: int
    item: T


class SpeechBook(Generic[T]):
    """Follows announced sentences through synthesis and playing. ``T`` is what stands for a sentence's text frame.

    Positions are samples at the wire rate, lengths milliseconds. Pure and not thread-safe.
    """

    def __init__(self, rate: int) -> None:
        """Create an empty book for a stream of ``rate`` samples a second."""
        self._rate = rate
        self._ms_per_character = _MS_PER_CHARACTER
        self._sentences: deque[Sentence] = deque()
        self._contexts: dict[str | None, _EarlyContext] = {}
        self._early: deque[_EarlyText[T]] = deque()
        # The context that began last, and where: a service tells it before it has taken the first text, or after.
        self._begun: tuple[str | None, int] = ("", 0)

    def expect_text(self, context: str | None) -> None:
        """Note that a context's texts come beside its audio, in no order."""
        self._contexts.setdefault(context, _EarlyContext())

    def announce(self, sentence: Sentence) -> None:
        """Enter a sentence that is about to be synthesized."""
        self._sentences.append(sentence)

    def add_audio(self, context: str | None, pcm: bytes, rate: int) -> None:
        """Enter synthesized audio, in the order in which it will play."""
        early = self._contexts.get(context)
        if early is not None:
            early.span.add(pcm, rate)
        elif self._sentences:
            self._sentences[-1].span.add(pcm, rate)

    def add_text(self, sentence_id: int | None, context: str | None, item: T) -> TextOrder:
        """Enter a sentence's text frame. Text that came before its audio is kept here until it was heard."""
        sentence = next((s for s in self._sentences if s.id == sentence_id), None)
        if sentence is None:
            return TextOrder.UNKNOWN
        if sentence.span.total_ms:
            sentence.complete = True
            return TextOrder.AFTER_AUDIO
        self._sentences.remove(sentence)
        begun, position = self._begun
        start = position if begun == context else None
        early = self._contexts.setdefault(context, _EarlyContext(start=start))
        sentence.context = context
        first = early.characters
        early.characters += len(sentence.text)
        self._early.append(_EarlyText(sentence, first, early.characters, item))
        return TextOrder.BEFORE_AUDIO

    def context_complete(self, context: str | None, *, lost: bool = False) -> None:
        """Note that a context gets no more audio.

        Args:
            context: It.
            lost: Whether that is because its voice failed, and not because all was said.
        """
        early = self._contexts.get(context)
        if early is not None:
            early.complete = True
        if lost:
            self._lose(context)

    def _lose(self, context: str | None) -> None:
        """Forget what was announced and will not be heard; of a sentence that broke off its beginning is kept."""
        self._sentences = deque(s for s in self._sentences if s.context != context or s.span.total_ms)
        for sentence in self._sentences:
            sentence.lost = sentence.lost or (sentence.context == context and not sentence.complete)
        early = self._contexts.get(context)
        if early is not None:
            made = early.span.total_ms / self._ms_per_character
            self._early = deque(t for t in self._early if t.sentence.context != context or t.last <= made)

    def context_starts(self, context: str | None, position: int) -> None:
        """Note the stream position at which a context's audio begins."""
        self._begun = (context, position)
        early = self._contexts.get(context)
        if early is not None and early.start is None:
            early.start = position

    def sentence_starts(self, sentence_id: int, position: int) -> None:
        """Note the stream position at which a sentence's audio begins."""
        for sentence in self._sentences:
            if sentence.id == sentence_id:
                sentence.start = position

    def move(self, samples: int) -> None:
        """Let all audio that has a position begin ``samples`` later: what is left of it is sent once more."""
        for sentence in self._sentences:
            sentence.start = None if sentence.start is None else sentence.start + samples
        for early in self._contexts.values():
            early.start = None if early.start is None else early.start + samples

    def sentence_heard(self, sentence_id: int | None) -> None:
        """Close a sentence that was heard to its end, and learn the voice's speed from it."""
        if not any(s.id == sentence_id for s in self._sentences):
            return
        while self._sentences[0].id != sentence_id:
            self._sentences.popleft()
        sentence = self._sentences.popleft()
        self._learn(sentence.span.voiced_ms, len(sentence.text))

    def pop_heard_text(self, heard: int) -> T | None:
        """Take the next text that came before its audio and whose audio was heard by now."""
        if not self._early:
            return None
        span = self._early_span(self._early[0])
        if span is None or span[1] > heard:
            return None
        return self._early.popleft().item

    def finish_context(self, context: str | None) -> list[T]:
        """Close a context all of whose audio was heard; answers the texts not taken before."""
        early = self._contexts.pop(context, None)
        if early is None:
            return []
        rest = [text.item for text in self._early if text.sentence.context == context]
        self._early = deque(text for text in self._early if text.sentence.context != context)
        self._learn(early.span.voiced_ms, early.characters)
        return rest

    def complete_contexts(self) -> list[str | None]:
        """Contexts with text before audio that get no more audio."""
        return [context for context, early in self._contexts.items() if early.complete]

    def spoken_prefix(self, at: int) -> SpokenPrefix | None:
        """The part of the sentence playing at ``at`` that was said by then, or None when none of it was."""
        for text in self._early:
            span = self._early_span(text)
            if span is not None and span[0] < at:
                return _prefix(text.sentence, (at - span[0]) / max(1.0, span[1] - span[0]))
            break
        begun = [sentence for sentence in self._sentences if sentence.start is not None and sentence.start < at]
        sentence = next((sentence for sentence in begun if not sentence.lost), begun[-1] if begun else None)
        if sentence is None or sentence.start is None:
            return None
        elapsed = (at - sentence.start) * 1000 / self._rate
        if sentence.lost:
            elapsed = min(elapsed, sentence.span.total_ms)
        return _prefix(sentence, self._fraction(sentence, elapsed))

    def clear(self) -> None:
        """Forget all sentences, keep what was learned about the voice."""
        self._sentences.clear()
        self._contexts.clear()
        self._early.clear()

    def _fraction(self, sentence: Sentence, elapsed_ms: float) -> float:
        span = sentence.span
        lead = span.lead_ms if span.lead_ms is not None else span.total_ms
        length = span.voiced_ms
        if not sentence.complete:
            length = max(length, self._ms_per_character * len(sentence.text))
        return (elapsed_ms - lead) / max(1.0, length)

    def _early_span(self, text: _EarlyText[T]) -> tuple[float, float] | None:
        early = self._contexts.get(text.sentence.context)
        if early is None or early.start is None:
            return None
        pace = early.span.total_ms / max(1, early.characters)
        if not early.complete:
            pace = max(pace, self._ms_per_character)
        samples = pace * self._rate / 1000
        return early.start + text.first * samples, early.start + text.last * samples

    def _learn(self, voiced_ms: float, characters: int) -> None:
        if voiced_ms and characters:
            pace = voiced_ms / characters
            self._ms_per_character += _LEARNING * (pace - self._ms_per_character)


def _prefix(sentence: Sentence, fraction: float) -> SpokenPrefix | None:
    spoken, rest = split_spoken(sentence.text, fraction)
    return SpokenPrefix(sentence, spoken, rest) if spoken else None
