"""The models that listen for speech and for the end of a sentence: loaded once in a process, used by all its calls.

What a call adds to the weights is its own state. Loading both takes about 70 ms and 20 MB, which no call has to spare.
"""

from __future__ import annotations

import asyncio
import copy
import functools
import os
from concurrent.futures import ThreadPoolExecutor

from pipecat.audio.turn.smart_turn.base_smart_turn import BaseSmartTurn
from pipecat.audio.turn.smart_turn.local_smart_turn_v3 import LocalSmartTurnAnalyzerV3
from pipecat.audio.vad.silero import SileroOnnxModel, SileroVADAnalyzer
from pipecat.audio.vad.vad_analyzer import VADAnalyzer, VADParams, VADState


class VoiceDetector(SileroVADAnalyzer):
    """Silero for one call, on shared weights and shared threads."""

    _model: SileroOnnxModel

    def __init__(self, params: VADParams) -> None:
        """Create a detector with a state of its own. Blocks while the weights are loaded for the first time."""
        VADAnalyzer.__init__(self, params=params)
        loaded = _silero()
        self.__dict__ = {**loaded.__dict__, **self.__dict__}
        # onnxruntime allows concurrent runs of a session; what the model remembers is in the object around it.
        self._model = copy.copy(loaded._model)
        self._model.reset_states()

    async def analyze_audio(self, buffer: bytes) -> VADState:
        """Judge the next piece of the caller's audio; pieces of one call come one after the other."""
        return await asyncio.get_running_loop().run_in_executor(_voice_threads(), self._run_analyzer, buffer)


class SentenceEnd(LocalSmartTurnAnalyzerV3):
    """Smart turn for one call, on shared weights and shared threads."""

    def __init__(self) -> None:
        """Create an analyzer with a state of its own. Blocks while the weights are loaded for the first time."""
        self.__dict__ = dict(_smart_turn().__dict__)
        BaseSmartTurn.__init__(self)

    @property
    def _model_executor(self) -> ThreadPoolExecutor:
        return _sentence_threads()


def warm_up() -> None:
    """Load both models, so that the first call does not wait for them."""
    _silero()
    _smart_turn()


@functools.cache
def _silero() -> SileroVADAnalyzer:
    return SileroVADAnalyzer()


@functools.cache
def _smart_turn() -> LocalSmartTurnAnalyzerV3:
    return LocalSmartTurnAnalyzerV3()


# A voice is judged in 0.2 ms, 31 times a second and call; a sentence in tens of ms, once a pause. They do not queue up
# behind each other.
@functools.cache
def _voice_threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max(1, os.cpu_count() or 1), thread_name_prefix="voice")


@functools.cache
def _sentence_threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max(1, os.cpu_count() or 1), thread_name_prefix="sentence")
