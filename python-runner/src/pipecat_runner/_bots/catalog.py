"""The bots by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pipecat_runner._bots.base import Bot
from pipecat_runner._bots.echo import EchoBot
from pipecat_runner._bots.tone import ToneBot
from pipecat_runner._errors import BadConfiguration
from pipecat_runner._platform import agent_of
from pipecat_runner._platform_agent import PlatformAgent
from pipecat_runner._schema import RunRequest
from pipecat_runner._speech.local import LocalSpeech


def _assistant(request: RunRequest, speech: LocalSpeech) -> Bot:
    # Imported when used: echo and tone need none of what it needs.
    from pipecat_runner._bots.assistant import AssistantBot

    return AssistantBot(request, speech)


def _echo(request: RunRequest, _: LocalSpeech) -> Bot:
    return EchoBot(request.audio.in_rate)


def _tone(request: RunRequest, _: LocalSpeech) -> Bot:
    return ToneBot(request.agent.tone.hz, request.agent.tone.level_dbfs)


BOTS: Mapping[str, Callable[[RunRequest, LocalSpeech], Bot]] = {"assistant": _assistant, "echo": _echo, "tone": _tone}


def build_bot(request: RunRequest, speech: LocalSpeech, platform: PlatformAgent | None = None) -> Bot:
    """Make the bot a request asks for. Blocks while models load.

    Args:
        request: What the daemon asks for.
        speech: The models of this machine.
        platform: What a platform's calls have that their requests cannot say.

    Raises:
        BadConfiguration: There is no such bot, or it cannot run as described.
    """
    if "agent" not in request.model_fields_set:
        request = request.model_copy(update={"agent": agent_of(request, platform)})
    builder = BOTS.get(request.agent.bot)
    if builder is None:
        raise BadConfiguration(f"agent.bot: unknown bot {request.agent.bot!r}; known: {', '.join(sorted(BOTS))}")
    return builder(request, speech)
