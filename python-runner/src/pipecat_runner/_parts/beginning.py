"""How a call begins: anew, with a history, or where another pipeline left it."""

from __future__ import annotations

from pipecat.frames.frames import Frame, LLMRunFrame

from pipecat_runner._agent import AgentConfig
from pipecat_runner._parts.history import ChatMessage, read_history
from pipecat_runner._parts.say import saying
from pipecat_runner._schema import RunRequest


class Beginning:
    """What is known before the first word, and who says it.

    Attributes:
        messages: The conversation so far, acceptable to every model once it is ``opened``.
        prompt: The agent's, and what the system said at the beginning of the history.
    """

    def __init__(self, request: RunRequest, agent: AgentConfig) -> None:
        """Read what a request brings.

        Args:
            request: Its history, and what a lost pipeline had told. One that was lost before anything was said is
                begun anew.
            agent: Who speaks.
        """
        given = read_history(request.llm_messages)
        told = read_history(request.resume.messages).messages if request.resume is not None else []
        self.messages: list[ChatMessage] = told or given.messages
        self._instructions = given.instructions
        self.prompt = self.prompt_of(agent)
        if told:
            self._sentence: str | None = agent.failure.resumed
            self._model_speaks = told[-1]["role"] != "assistant"
        else:
            self._sentence = agent.greeting
            self._model_speaks = agent.speaks_first and not agent.greeting

    def prompt_of(self, agent: AgentConfig) -> str | None:
        """What an agent's model is told first in this call."""
        return "\n\n".join(part for part in (agent.prompt, *self._instructions) if part) or None

    @property
    def caller_begins(self) -> bool:
        """Whether nothing is said until the caller speaks."""
        return not self._model_speaks and not self._sentence

    def frames(self, *, spoken: bool) -> list[Frame]:
        """What starts the conversation: a sentence, the model, or nothing until the caller speaks.

        Args:
            spoken: Whether there is a voice.
        """
        if self._model_speaks:
            return [LLMRunFrame()]
        return saying(self._sentence, spoken=spoken) if self._sentence else []
