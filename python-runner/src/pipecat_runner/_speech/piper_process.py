"""The Piper worker as seen from the runner: one process per voice, shared by all calls."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

from loguru import logger

from pipecat_runner._speech.piper_protocol import HEAD, MAX_BODY_BYTES, Kind, encode

# Loading a voice takes 1 to 4 s, more on a busy machine.
_LOAD_SECS = 60.0
_EXIT_SECS = 2.0


class PiperError(Exception):
    """The worker could not say a sentence, or died while saying it."""


class PiperProcess:
    """Starts the worker when it is needed, again when it has died, and shares it. Belongs to one event loop."""

    def __init__(self, model: Path) -> None:
        """Name the voice; nothing is started yet.

        Args:
            model: The voice's ``.onnx`` file, with its ``.onnx.json`` beside it.
        """
        self._model = model
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()
        self._answers: dict[int, asyncio.Queue[tuple[Kind, bytes]]] = {}
        self._last_number = 0
        self.sample_rate = 0

    @property
    def pid(self) -> int | None:
        """The worker's process id while it runs."""
        return self._process.pid if self._process is not None else None

    async def start(self) -> None:
        """Make sure that the worker runs and has loaded its voice.

        Raises:
            PiperError: It ends before it is ready, or takes too long.
        """
        async with self._starting:
            if self._process is not None and self._process.returncode is None:
                return
            await self._reap()
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "pipecat_runner._speech.piper_worker",
                str(self._model),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env={**os.environ, "OMP_NUM_THREADS": "1"},
            )
            try:
                async with asyncio.timeout(_LOAD_SECS):
                    _, kind, body = await _read(process)
            except (TimeoutError, asyncio.IncompleteReadError) as e:
                await _kill(process)
                raise PiperError(f"the Piper worker for {self._model.name} did not start") from e
            assert kind is Kind.READY
            self.sample_rate = int(body)
            self._process = process
            self._reader = asyncio.create_task(self._distribute(process), name="piper-reader")

    async def speak(self, text: str) -> AsyncGenerator[bytes, None]:
        """Synthesize text; yields 16-bit mono PCM at :attr:`sample_rate`, sentence by sentence.

        A worker that died before it had said anything of this text is replaced, once. Leaving the iterator early
        cancels what was not made yet.

        Raises:
            PiperError: The text could not be said.
        """
        said_anything = False
        for attempt in (1, 2):
            await self.start()
            try:
                async for pcm in self._speak_once(text):
                    said_anything = True
                    yield pcm
                return
            except ConnectionError as e:
                if said_anything or attempt == 2:
                    raise PiperError("the Piper worker died while it was speaking") from e
                logger.warning("the Piper worker died and is started again")

    async def close(self) -> None:
        """End the worker."""
        process = self._process
        if process is not None and process.returncode is None:
            if process.stdin is not None:
                process.stdin.close()
            try:
                async with asyncio.timeout(_EXIT_SECS):
                    await process.wait()
            except TimeoutError:
                await _kill(process)
        await self._reap()

    async def _reap(self) -> None:
        if self._reader is not None:
            await asyncio.gather(self._reader, return_exceptions=True)
        self._reader = None
        self._process = None

    async def _speak_once(self, text: str) -> AsyncGenerator[bytes, None]:
        self._last_number = number = (self._last_number + 1) % (1 << 32)
        answers: asyncio.Queue[tuple[Kind, bytes]] = asyncio.Queue()
        self._answers[number] = answers
        finished = False
        try:
            await self._write(encode(number, Kind.SPEAK, text.encode()))
            while True:
                kind, body = await answers.get()
                if kind is Kind.AUDIO:
                    yield body
                    continue
                finished = True
                if kind is Kind.FAILED:
                    raise PiperError(f"Piper failed: {body.decode()}")
                if kind is Kind.READY:
                    raise ConnectionResetError("the Piper worker ended")
                return
        finally:
            del self._answers[number]
            if not finished and self._process is not None and self._process.stdin is not None:
                # Not awaited: this also runs while the task is being cancelled.
                self._process.stdin.write(encode(number, Kind.CANCEL))

    async def _write(self, message: bytes) -> None:
        if self._process is None or self._process.stdin is None:
            raise ConnectionResetError("the Piper worker ended")
        self._process.stdin.write(message)
        await self._process.stdin.drain()

    async def _distribute(self, process: asyncio.subprocess.Process) -> None:
        try:
            while True:
                number, kind, body = await _read(process)
                answers = self._answers.get(number)
                if answers is not None:
                    answers.put_nowait((kind, body))
        except (asyncio.IncompleteReadError, ConnectionError, ValueError):
            pass
        await _kill(process)
        for answers in self._answers.values():
            # No answer of a running worker is READY: it stands for the end.
            answers.put_nowait((Kind.READY, b""))


async def _kill(process: asyncio.subprocess.Process) -> None:
    # It may have ended by itself since it was last looked at.
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()


async def _read(process: asyncio.subprocess.Process) -> tuple[int, Kind, bytes]:
    if process.stdout is None:
        raise ConnectionResetError("the Piper worker has no stdout")
    number, kind, length = HEAD.unpack(await process.stdout.readexactly(HEAD.size))
    if length > MAX_BODY_BYTES:
        raise ValueError(f"Piper worker: a message of {length} bytes, at most {MAX_BODY_BYTES} are expected")
    return number, Kind(kind), await process.stdout.readexactly(length)
