"""OpenAI's Realtime API in a call whose turns are taken here: its own turn detection is off."""

from __future__ import annotations

from collections import deque
from typing import Any

from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.frame_processor import FrameDirection
from pipecat.services.openai.realtime import events
from pipecat.services.openai.realtime.llm import OpenAIRealtimeLLMService
from pipecat.utils.errors import ErrorCategory, classify_http_exception
from websockets import ConnectionClosed

from pipecat_runner._errors import MalformedAnswer
from pipecat_runner._providers.spoken import SpokenModel

_KINDS = {
    "invalid_api_key": ErrorCategory.AUTHENTICATION,
    "rate_limit_exceeded": ErrorCategory.RATE_LIMIT,
    "insufficient_quota": ErrorCategory.QUOTA,
    "server_error": ErrorCategory.SERVER,
    "session_expired": ErrorCategory.CONNECTIVITY,
}


class _Refused(Exception):
    """The server has said that it cannot go on."""

    def __init__(self, category: ErrorCategory) -> None:
        super().__init__(category.value)
        self.category = category


class RealtimeModel(SpokenModel, OpenAIRealtimeLLMService):
    """One call's conversation."""

    def __init__(self, **kwargs: Any) -> None:
        """Take what the service takes."""
        super().__init__(**kwargs)
        self._response = ""
        self._cut = ""
        self._sentences: deque[str] = deque()
        self._newest: object = None

    async def speak(self, text: str) -> None:
        """Have the model say a sentence word for word, behind what it is saying."""
        self._sentences.append(text)
        await self._speak_next()

    async def _speak_next(self) -> None:
        if self._sentences and self._api_session_ready and not self._response_active:
            self._response_active = True
            said = self._sentences.popleft()
            response = events.ResponseProperties(
                output_modalities=["audio"],
                instructions=f"Say exactly this to the caller, word for word, and nothing else: {said}",
                tool_choice="none",
            )
            await self.send_client_event(events.ResponseCreateEvent(response=response))

    # -- the connection

    async def _connect(self) -> None:
        if self._websocket is None:
            await super()._connect()

    def _is_answering(self) -> bool:
        return self._current_audio_response is not None

    async def _connect_again(self) -> None:
        socket: Any = self._websocket
        self._websocket = None
        if socket is not None:
            # Nobody may be there any more to close it in order.
            self._disconnecting = True
            socket.transport.abort()
        await self._disconnect()
        self._llm_needs_conversation_setup = True
        self._run_llm_when_api_session_ready = False
        self._current_audio_response = self._current_assistant_response = None
        await self._connect()

    async def push_error(
        self,
        error_msg: str,
        exception: Exception | None = None,
        fatal: bool = False,
        category: ErrorCategory | None = None,
        force_treat_as_permanent: bool = False,
    ) -> None:
        """Report an error; one that makes the connection useless leads to another."""
        if exception is not None and error_msg.startswith(("Error connecting", "Error sending")):
            self._websocket = None
            await self.lost(exception, classify_http_exception(exception))
        else:
            await super().push_error(error_msg, exception, fatal, category, force_treat_as_permanent)

    async def _receive_task_handler(self) -> None:
        try:
            await super()._receive_task_handler()
        except _Refused as e:
            await self._gone(e, e.category)
        except ConnectionClosed as e:
            await self._gone(e, ErrorCategory.CONNECTIVITY)
        except Exception as e:  # noqa: BLE001 - what cannot be read is of no use, whatever is wrong with it
            await self._gone(MalformedAnswer("an event that cannot be read"), None, cause=e)
        else:
            await self._gone(ConnectionError("closed"), ErrorCategory.CONNECTIVITY)

    async def _gone(self, error: Exception, category: ErrorCategory | None, cause: Exception | None = None) -> None:
        if not self._disconnecting:
            error.__cause__ = cause
            await self.lost(error, category)

    async def _handle_evt_error(self, evt: events.ErrorEvent) -> None:
        raise _Refused(_KINDS.get(evt.error.code or evt.error.type, ErrorCategory.UNKNOWN))

    # -- the conversation

    async def _handle_evt_session_updated(self, evt: Any) -> None:
        if self._llm_needs_conversation_setup and self._context is not None:
            self._llm_needs_conversation_setup = False
            params = await self.get_llm_adapter().get_llm_invocation_params(self._context)
            for item in params["messages"]:
                await self._give(item)
            await self._process_completed_function_calls(send_new_results=False)
            messages = self._context.get_messages()
            self._newest = messages[-1] if messages else None
        await super()._handle_evt_session_updated(evt)
        await self._speak_next()

    async def _give(self, item: events.ConversationItem) -> None:
        event = events.ConversationItemCreateEvent(item=item)
        self._messages_added_manually[event.item.id] = True
        await self.send_client_event(event)

    async def _handle_context(self, context: LLMContext, direction: FrameDirection) -> None:
        # What is asked downstream is asked for on purpose: turns of the caller's voice do not come this way.
        self._context = context
        await self._process_completed_function_calls(send_new_results=True)
        if direction is FrameDirection.DOWNSTREAM:
            await self._give_newest(context)
            await self._create_response()
        elif self._results_awaiting_response:
            await self._create_response()

    async def _give_newest(self, context: LLMContext) -> None:
        """Tell the model what was written instead of said; what is not told now is part of the set-up."""
        messages = context.get_messages()
        newest = messages[-1] if messages else None
        if self._api_session_ready and isinstance(newest, dict) and newest is not self._newest:
            text = newest.get("content")
            if newest.get("role") in ("user", "developer", "system") and isinstance(text, str):
                role: Any = "user" if newest["role"] == "user" else "system"
                content = [events.ItemContent(type="input_text", text=text)]
                await self._give(events.ConversationItem(type="message", role=role, content=content))
        self._newest = newest

    async def _handle_user_stopped_speaking(self, frame: Any) -> None:
        await self.start_ttfb_metrics()
        await self.start_processing_metrics()
        await super()._handle_user_stopped_speaking(frame)

    # -- an interruption

    async def _handle_interruption(self) -> None:
        self._cut = self._response
        self._sentences.clear()
        await super()._handle_interruption()

    async def _handle_evt_response_created(self, evt: Any) -> None:
        self._response = evt.response.id or ""
        await super()._handle_evt_response_created(evt)

    async def _handle_evt_audio_delta(self, evt: Any) -> None:
        # What was under way when the caller interrupted arrives after it.
        if evt.response_id != self._cut:
            await super()._handle_evt_audio_delta(evt)

    async def _handle_evt_audio_transcript_delta(self, evt: Any) -> None:
        if evt.response_id != self._cut:
            await super()._handle_evt_audio_transcript_delta(evt)

    async def _handle_evt_response_done(self, evt: Any) -> None:
        await super()._handle_evt_response_done(evt)
        await self._speak_next()
