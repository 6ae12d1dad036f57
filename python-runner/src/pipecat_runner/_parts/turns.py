"""When the caller's turn begins and when it is over, as ``turn`` and ``vad`` of an agent say."""

from __future__ import annotations

from collections.abc import Sequence

from pipecat.audio.vad.vad_analyzer import VADParams
from pipecat.frames.frames import VADParamsUpdateFrame
from pipecat.processors.aggregators.llm_response_universal import LLMUserAggregator, LLMUserAggregatorParams
from pipecat.turns.user_stop import (
    BaseUserTurnStopStrategy,
    ExternalUserTurnStopStrategy,
    SpeechTimeoutUserTurnStopStrategy,
    TurnAnalyzerUserTurnStopStrategy,
)
from pipecat.turns.user_turn_strategies import UserTurnStrategies

from pipecat_runner._agent import TurnConfig, VadConfig
from pipecat_runner._errors import BadConfiguration
from pipecat_runner._parts.floor import Floor, Playout, SaidBefore
from pipecat_runner._parts.models import SentenceEnd, VoiceDetector
from pipecat_runner._providers.stt import Ears


class Turns:
    """The turn-taking of one call."""

    def __init__(
        self,
        turn: TurnConfig,
        vad: VadConfig,
        *,
        ears: Ears | None,
        others: Sequence[TurnConfig] = (),
        model_listens: bool = False,
    ) -> None:
        """Make the strategies. Blocks while models load.

        Args:
            turn: When a turn begins and ends.
            vad: What counts as a voice; left out is pipecat's default.
            ears: The recogniser. Without one a transcript of the daemon's still is a turn.
            others: Ways to take turns that may be changed to.
            model_listens: Whether the model hears the caller itself: then turns do not wait for transcripts.

        Raises:
            BadConfiguration: The recogniser is asked for turns and knows nothing of them.
        """
        if turn.stop == "provider" and (ears is None or not ears.does_turns):
            raise BadConfiguration(
                "agent.turn.stop: provider needs a recogniser that tells turns by itself, for instance deepgram with "
                "model flux-general-en; otherwise write smart or silence"
            )
        self._turn = turn
        self._vad = vad
        self._by_voice = model_listens
        self._floor = Floor(turn, by_voice=model_listens)
        # A recogniser that knows turns is asked instead of a detector: two of them disagree.
        detects = (ears is not None or model_listens) and any(way.stop != "provider" for way in (turn, *others))
        self._detector = VoiceDetector(VADParams(**vad.model_dump(exclude_none=True))) if detects else None

    def params(self) -> LLMUserAggregatorParams:
        """What the aggregator of the caller's words is given. Once for a call."""
        return LLMUserAggregatorParams(
            vad_analyzer=self._detector,
            user_turn_strategies=UserTurnStrategies(start=[self._floor], stop=self._stops()),
            user_turn_stop_timeout=self._turn.stop_timeout_secs,
        )

    def _stops(self) -> list[BaseUserTurnStopStrategy]:
        return [self._stop()] if self._by_voice else [SaidBefore(self._floor, self._turn), self._stop()]

    def _stop(self) -> BaseUserTurnStopStrategy:
        wait = not self._by_voice
        if self._turn.stop == "provider":
            return ExternalUserTurnStopStrategy()
        if self._turn.stop == "smart" and self._detector is not None:
            return TurnAnalyzerUserTurnStopStrategy(turn_analyzer=SentenceEnd(), wait_for_transcript=wait)
        return SpeechTimeoutUserTurnStopStrategy(user_speech_timeout=self._turn.silence_secs, wait_for_transcript=wait)

    def follow(self, playout: Playout) -> None:
        """Name the output that ``resume_after_backchannel`` pauses."""
        self._floor.follow(playout)

    async def change(self, turn: TurnConfig, vad: VadConfig, user: LLMUserAggregator) -> None:
        """Take turns in another way from now on. A change in the middle of a turn ends that turn by its time-out.

        Args:
            turn: When a turn begins and ends.
            vad: What counts as a voice.
            user: Where turns are taken.
        """
        if vad != self._vad and self._detector is not None:
            await user.queue_frame(VADParamsUpdateFrame(params=VADParams(**vad.model_dump(exclude_none=True))))
        self._vad = vad
        if turn == self._turn:
            return
        self._turn = turn
        self._floor.become(turn)
        strategies = self.params().user_turn_strategies
        if strategies is not None:
            # The one way to change them that is not a recogniser's.
            await user._user_turn_controller.update_strategies(strategies)
