"""Listens, thinks, speaks: speech recognition, a language model, tools, a voice. Without ears and voice it writes."""

from __future__ import annotations

from pipecat.adapters.llm.schemas.tools_schema import ToolsSchema
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.aggregators.llm_context import NOT_GIVEN
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair
from pipecat.processors.frame_processor import FrameProcessor

from pipecat_runner._bots.base import Bot
from pipecat_runner._errors import BadConfiguration
from pipecat_runner._link.link import Link
from pipecat_runner._parts.beginning import Beginning
from pipecat_runner._parts.call_end import LAST_WORDS_SECS, CallEnd, Ending
from pipecat_runner._parts.care import Care
from pipecat_runner._parts.context import ToldContext
from pipecat_runner._parts.history import opened
from pipecat_runner._parts.idle import Idle
from pipecat_runner._parts.keys import Keys
from pipecat_runner._parts.model_voice import SPOKEN_RATE, ModelVoice, is_spoken, prepared
from pipecat_runner._parts.services import Services
from pipecat_runner._parts.turns import Turns
from pipecat_runner._providers.stt import check_turns
from pipecat_runner._schema import RunRequest
from pipecat_runner._speech.local import LocalSpeech
from pipecat_runner._team.handover import Stage, Team
from pipecat_runner._team.notice import SwitchNotices
from pipecat_runner._team.roster import Roster
from pipecat_runner._team.understudies import Understudies
from pipecat_runner._tools.daemon import DaemonTools
from pipecat_runner._tools.desk import Desk
from pipecat_runner._tools.functions import Functions, Workplace
from pipecat_runner._tools.order import ToolOrder

# The wire's rate when nothing is spoken on it.
_TEXT_ONLY_RATE = 16_000


class AssistantBot(Bot):
    """A conversation."""

    def __init__(self, request: RunRequest, speech: LocalSpeech, *, last_words_secs: float = LAST_WORDS_SECS) -> None:
        """Make the services. Blocks while models load.

        Args:
            request: What the daemon asks for.
            speech: The models of this machine.
            last_words_secs: From the end's decision until the call ends although its last words were not heard.

        Raises:
            BadConfiguration: One of them cannot be made.
        """
        agent = request.agent
        roster = None
        if agent.team is not None:
            roster = Roster(agent, agent.team, resumed=request.resume.member if request.resume else None)
            agent = roster.start.agent
        if agent.llm is None:
            raise BadConfiguration("agent.llm: an assistant needs a language model")
        self.call_end = CallEnd(last_words_secs=last_words_secs)
        self._daemon_tools = DaemonTools(request.link)
        self._beginning = Beginning(request, agent)
        llm = agent.llm.model_copy(update={"instruction": self._beginning.prompt})
        model_speaks = is_spoken(agent, [member.llm for member in roster.members.values()] if roster else [])
        spoken = model_speaks or agent.tts is not None
        self._care = Care(agent.failure, self.call_end, spoken=spoken)
        services = Services(self._care, speech, lambda model: prepared(model, self.context, agent.failure))
        self._stt = services.recogniser(agent.stt) if agent.stt is not None else None
        if agent.stt is not None and agent.turn.stop == "provider":
            check_turns(agent.stt)
        self._tts = services.voice(agent.tts) if agent.tts is not None else None
        self._model_voice = ModelVoice(lambda: self._llm.service) if model_speaks else None
        self.out_rate = services.rate or (SPOKEN_RATE if model_speaks else _TEXT_ONLY_RATE)
        self._desk = Desk(agent.waiting, speaks=spoken)
        workplace = Workplace(self._desk, self._daemon_tools, self.call_end, self.out_rate, agent.failure.sentence)
        members = list(roster.members.values()) if roster is not None else []
        models = [*llm.fallback, *(model for m in members for model in (m.llm, *m.llm.fallback))]
        self.context = ToldContext(opened(self._beginning.messages, llm.model_copy(update={"fallback": models})))
        self._llm = services.model(llm)
        others = [member.agent.turn for member in members]
        self._turns = Turns(agent.turn, agent.vad, ears=services.ears, others=others, model_listens=model_speaks)
        self._keys = Keys(agent.dtmf, written=model_speaks) if agent.dtmf.enabled else None
        idle = Idle(agent.idle, self.call_end, spoken=spoken, caller_begins=self._beginning.caller_begins)
        self._idle = idle if agent.idle.after_secs else None
        self._aggregators = LLMContextAggregatorPair(self.context, user_params=self._turns.params())
        self._team: Team | None = None
        if roster is None:
            functions = Functions(request.tools, workplace)
            self._desk.speeches = functions.speeches
            self.context.set_tools(ToolsSchema(functions.schemas) if functions.schemas else NOT_GIVEN)
        else:
            self._team = Team(roster, workplace, SwitchNotices(request.link))
            self._team.follow(
                Stage(
                    self.context,
                    lambda member: self._beginning.prompt_of(member.agent),
                    Understudies("llm", self._llm, agent.llm, services.make_model),
                    Understudies("stt", self._stt, agent.stt, services.make_ears) if self._stt and agent.stt else None,
                    Understudies("tts", self._tts, agent.tts, services.make_voice) if self._tts and agent.tts else None,
                    self._turns,
                    self._aggregators.user(),
                    services.knows_turns,
                )
            )

    @property
    def ending(self) -> Ending:
        """As decided by whoever ended the call."""
        return self.call_end.ending

    def processors(self, link: Link) -> list[FrameProcessor]:
        """Caller to caller, through whatever parts the agent has."""
        self.call_end.follow(link.output)
        self._turns.follow(link.output)
        self.context.follow(link.session)
        self._care.follow(link.session, self._llm)
        parts: list[FrameProcessor | None] = [
            link.input,
            self._stt,
            self._keys,
            self._idle,
            self._aggregators.user(),
            self._llm,
            self._desk,
            self._tts,
            self._model_voice,
            link.output,
            ToolOrder(),
            self._aggregators.assistant(),
            link.barrier,
        ]
        return [part for part in parts if part is not None]

    async def started(self, worker: PipelineWorker) -> None:
        """Greet, or let the model begin. What is said becomes part of the conversation, as far as it is heard."""
        spoken = self._tts is not None or self._model_voice is not None
        await worker.queue_frames(self._beginning.frames(spoken=spoken))
        if self._team is not None:
            self._team.started()

    async def closed(self) -> None:
        """Close the connections of tools and team."""
        if self._team is not None:
            await self._team.close()
        await self.context.close()
        await self.call_end.close()
        await self._daemon_tools.close()
