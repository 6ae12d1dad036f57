"""Google's Gemini Live API in a call whose turns are taken here: its own turn detection is off."""

from __future__ import annotations

from typing import Any

from google.genai.errors import APIError
from google.genai.live import AsyncSession
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.frame_processor import FrameDirection
from pipecat.services.google.gemini_live.llm import GeminiLiveLLMService
from pipecat.utils.errors import ErrorCategory

from pipecat_runner._errors import MalformedAnswer
from pipecat_runner._providers.spoken import SpokenModel


class LiveModel(SpokenModel, GeminiLiveLLMService):
    """One call's conversation."""

    def __init__(self, **kwargs: Any) -> None:
        """Take what the service takes."""
        super().__init__(inference_on_context_initialization=False, **kwargs)
        self._newest: object = None
        self._asked = False
        self._sentences: list[str] = []

    def begin(self, context: LLMContext) -> None:
        """Name the conversation, before the pipeline starts."""
        super().begin(context)
        messages = context.get_messages()
        self._newest = messages[-1] if messages else None
        self._run_llm_when_session_ready = True

    async def speak(self, text: str) -> None:
        """Have the model say a sentence word for word, behind what it is saying."""
        if self._session is None:
            self._sentences.append(text)
            return
        await self._ask(f"Say exactly this to the caller, word for word, and nothing else: {text}")

    async def _ask(self, text: str) -> None:
        await self._tell(text)
        await self._complete_turn()

    async def _tell(self, text: str) -> None:
        if self._session is not None:
            turns: Any = [{"role": "user", "parts": [{"text": text}]}]
            try:
                await self._session.send_client_content(turns=turns, turn_complete=False)
            except Exception as e:  # noqa: BLE001 - whatever it is, the receiving side sees the connection's end
                await self._handle_send_error(e)

    # -- the connection

    async def _connection_task_handler(self, config: Any) -> None:
        try:
            await super()._connection_task_handler(config)
        except Exception as e:  # noqa: BLE001 - pipecat would lose it with the task
            self._session = None
            if not self._disconnecting:
                await self.lost(e, _category(e))

    async def _handle_connection_error(self, error: Exception) -> bool:
        self._session = None
        if isinstance(error, ValueError):
            await self.lost(MalformedAnswer("a message that cannot be read"))
        else:
            await self.lost(error, _category(error))
        # It is made again where both kinds of losses are counted.
        return False

    async def _handle_send_error(self, _: Exception) -> None:
        # Who receives learns of the end of the connection at the same time, and there it is counted once.
        return

    def _is_answering(self) -> bool:
        return self._bot_is_responding

    async def _connect_again(self) -> None:
        self._run_llm_when_session_ready = not self._session_resumption_handle
        await self._set_bot_is_responding(False)
        # Nobody may be there any more to close it in order; with its task it is thrown away.
        self._session = None
        await self._reconnect()

    async def _handle_session_ready(self, session: AsyncSession) -> None:
        await super()._handle_session_ready(session)
        sentences, self._sentences = self._sentences, []
        for sentence in sentences:
            await self.speak(sentence)
        if self._asked and not sentences:
            await self._complete_turn()
        self._asked = False

    # -- the conversation

    async def _handle_context(self, context: LLMContext, direction: FrameDirection = FrameDirection.DOWNSTREAM) -> None:
        # What is asked downstream is asked for on purpose: turns of the caller's voice do not come this way.
        if direction is FrameDirection.UPSTREAM:
            await super()._handle_context(context, direction)
            return
        self._context = context
        await self._process_completed_function_calls(send_new_results=True)
        messages = context.get_messages()
        newest = messages[-1] if messages else None
        if self._session is not None:
            if isinstance(newest, dict) and newest is not self._newest and newest.get("role") != "assistant":
                text = newest.get("content")
                if isinstance(text, str):
                    await self._tell(text)
            await self._complete_turn()
        else:
            self._asked = True
        self._newest = newest


def _category(error: Exception) -> ErrorCategory:
    """What a refusal means: of the WebSocket's code and reason, as the API closes it, or of an HTTP status."""
    if not isinstance(error, APIError):
        return ErrorCategory.CONNECTIVITY
    words = str(error).lower()
    if "api key" in words or error.code in (401, 403):
        return ErrorCategory.AUTHENTICATION
    if "quota" in words or "resource_exhausted" in words or error.code == 429:
        return ErrorCategory.RATE_LIMIT
    return ErrorCategory.INVALID_REQUEST if error.code in (400, 404, 1007, 1008) else ErrorCategory.CONNECTIVITY
