"""Tells the daemon who has the call."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import httpx
from loguru import logger

from pipecat_runner._schema import LinkConfig
from pipecat_runner._team.roster import Member

_TIMEOUT_SECS = 3.0
# Before the second and the third attempt.
_PAUSES_SECS = (0.3, 1.5)
# A call that has ended waits no longer than this for its daemon to have taken note of the last handover.
_LAST_SECS = 2.0


class SwitchNotices:
    """Posts handovers, in their order, beside the call. Belongs to the event loop."""

    def __init__(self, link: LinkConfig) -> None:
        """Take where they go; without an address they go nowhere."""
        self._url = link.member_switched_url
        self._token = link.token.get_secret_value()
        self._waiting: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._poster: asyncio.Task[None] | None = None

    def tell(self, function: str, before: Member, now: Member) -> None:
        """Post a handover; returns at once."""
        if self._url is None:
            return
        notice = {"transition_function_name": function, "from_member": _told(before), "to_member": _told(now)}
        self._waiting.put_nowait(notice)
        if self._poster is None or self._poster.done():
            self._poster = asyncio.create_task(self._post_all(self._url), name="member-switched")

    async def close(self) -> None:
        """Let what is under way arrive, up to a bound."""
        if self._poster is None:
            return
        try:
            async with asyncio.timeout(_LAST_SECS):
                await self._poster
        except TimeoutError:
            logger.warning("the daemon was not told of the last handover before the call ended")

    async def _post_all(self, url: str) -> None:
        headers = {"Authorization": f"Bearer {self._token}"}
        async with httpx.AsyncClient(headers=headers, trust_env=False, timeout=_TIMEOUT_SECS) as client:
            while not self._waiting.empty():
                await _post(client, url, self._waiting.get_nowait())


async def _post(client: httpx.AsyncClient, url: str, notice: dict[str, Any]) -> None:
    for pause in (*_PAUSES_SECS, None):
        try:
            answer = await client.post(url, json=notice)
            why = f"HTTP {answer.status_code}"
            if answer.is_success:
                return
            if answer.is_client_error:
                # It will not like it better the next time.
                break
        except httpx.HTTPError as e:
            why = type(e).__name__
        if pause is not None:
            await asyncio.sleep(pause)
    logger.warning("the daemon could not be told of a handover: {}", why)


def _told(member: Member) -> dict[str, str]:
    agent = member.agent
    return {
        # The daemon knows members by UUID; those of an agents.yaml have names instead.
        "id": member.id if _is_uuid(member.id) else "",
        "name": member.name,
        "engine_model": f"{member.llm.type}.{member.llm.model}" if member.llm.model else member.llm.type,
        "tts_type": agent.tts.type if agent.tts is not None else "",
        "tts_voice_id": (agent.tts.voice or "") if agent.tts is not None else "",
        "stt_type": agent.stt.type if agent.stt is not None else "",
    }


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False
