"""What a voice was given to say in one go, and how far it has come."""

from __future__ import annotations

# What a voice speaks of, in ms a character, where only the length of its audio tells how far it has come.
_MS_PER_CHARACTER = 65.0


class Utterance:
    """A text, announced sentence by sentence and spoken.

    A sentence is done when the voice says so: by its last word, by its text behind its audio, or by the end of all
    audio. A voice that gives its texts back before any audio is judged by the length of the audio.

    Attributes:
        text: All of it so far.
        context: pipecat's id of its audio, once there is one.
    """

    def __init__(self, text: str = "") -> None:
        """Begin."""
        self.text = text
        self.context: str | None = None
        self._sentences: list[tuple[int, int]] = []
        self._done = 0
        self._audio_ms = 0.0
        self._audio_before: list[float] = []
        self._early = False

    @property
    def sounds(self) -> bool:
        """Whether there was any audio of it."""
        return self._audio_ms > 0

    def add(self, text: str) -> None:
        """More is to be said."""
        self.text += text

    def announce(self, sentence: str, context: str | None) -> bool:
        """The voice begins a sentence; answers whether it is one of these."""
        sentence = sentence.strip()
        begin = self.text.find(sentence, self._sentences[-1][1] if self._sentences else 0)
        if not sentence or begin < 0:
            return False
        self.context = context
        self._sentences.append((begin, begin + len(sentence)))
        self._audio_before.append(self._audio_ms)
        return True

    def sound(self, ms: float) -> None:
        """Audio came."""
        self._audio_ms += ms

    def word(self, word: str) -> None:
        """A word is spoken."""
        begin = self.text.find(word.strip(), self._done)
        if begin >= 0:
            self._done = begin + len(word.strip())

    def sentence(self, sentence: str) -> None:
        """The voice gives a sentence's text back."""
        begin = self.text.find(sentence.strip(), self._done)
        known = next((i for i, (first, _) in enumerate(self._sentences) if first == begin), None)
        if known is None or begin < 0:
            return
        if self._audio_ms > self._audio_before[known]:
            self._done = begin + len(sentence.strip())
        else:
            self._early = True

    def stop(self) -> None:
        """All audio of what was announced has come."""
        if self.sounds and self._sentences:
            self._done = max(self._done, self._sentences[-1][1])

    def rest(self) -> str:
        """What is still to be said, from the beginning of the sentence that was not finished."""
        done = self._done
        if self._early and self._sentences:
            done = max(done, min(self._sentences[-1][1] - 1, int(self._audio_ms / _MS_PER_CHARACTER)))
        for begin, end in self._sentences:
            if any(character.isalnum() for character in self.text[done:end]):
                return self.text[begin:]
            done = max(done, end)
        return self.text[done:]
