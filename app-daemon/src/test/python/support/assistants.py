"""What ai-manager knows: AI calls, AIs, teams and tools, each under an id of its own."""

from __future__ import annotations

import uuid
from typing import Any

from support.platform import Platform

TOOL_NAMES = ["get_variables", "send_email", "search_knowledge", "get_case_notes", "create_call"]
TOOLS = [
    {"name": name, "description": f"{name} does.", "parameters": {"type": "object", "properties": {}}, "run_llm": True}
    for name in TOOL_NAMES
]


def ai(platform: Platform, **more: Any) -> str:
    """An AI; its id."""
    ai_id = str(uuid.uuid4())
    known = {"id": ai_id, "type": "normal", "engine_model": "openai.gpt-test", "engine_key": "sk-1", **more}
    platform.managers.on("GET", f"^/v1/ais/{ai_id}$", lambda _: (200, known))
    return ai_id


def ai_call(platform: Platform, assistance_id: str, reference_type: str = "conversation", **more: Any) -> str:
    """An AI call with an AI, or with what ``more`` says; its id."""
    ai_call_id = str(uuid.uuid4())
    known = {
        "id": ai_call_id,
        "assistance_type": "ai",
        "assistance_id": assistance_id,
        "reference_type": reference_type,
        "reference_id": str(uuid.uuid4()),
        **more,
    }
    platform.managers.on("GET", f"^/v1/aicalls/{ai_call_id}$", lambda _: (200, known))
    return ai_call_id


def team(platform: Platform, members: list[dict[str, Any]]) -> str:
    """A team whose first member starts; its id."""
    team_id = str(uuid.uuid4())
    known = {"id": team_id, "start_member_id": members[0]["id"], "members": members}
    platform.managers.on("GET", f"^/v1/teams/{team_id}$", lambda _: (200, known))
    return team_id


def start_text(platform: Platform, **more: Any) -> str:
    """Starts a text session with an AI; the call's id."""
    reference = ai_call(platform, ai(platform))
    return platform.start_call(reference_type="ai_call", reference_id=reference, stt_type="", tts_type="", **more)
