"""Google Cloud Text-to-Speech: https://cloud.google.com/text-to-speech/docs/reference/rpc/google.cloud.texttospeech.v1.

gRPC with the messages of Google's own library. ``StreamingSynthesize`` takes a configuration and then text, and answers
with raw sound; ``SynthesizeSpeech`` takes all at once and answers with a WAV file.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from typing import Any

import grpc
from google.cloud import texttospeech_v1 as tts

from tests.providers.servers.speaking import Asked, Does, VoiceServer

_TAG = re.compile(r"<[^>]+>")
_SERVICE = "google.cloud.texttospeech.v1.TextToSpeech"


class GoogleVoiceServer(VoiceServer):
    """Speaks sentence by sentence, streamed or whole."""

    def __enter__(self) -> GoogleVoiceServer:
        self._over = threading.Event()
        self._server = grpc.server(ThreadPoolExecutor(4))
        handlers = {
            "StreamingSynthesize": grpc.stream_stream_rpc_method_handler(
                self._stream, tts.StreamingSynthesizeRequest.deserialize, bytes
            ),
            "SynthesizeSpeech": grpc.unary_unary_rpc_method_handler(
                self._whole, tts.SynthesizeSpeechRequest.deserialize, bytes
            ),
        }
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(_SERVICE, handlers),))
        self._port = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.stop(0).wait(10)
        self.tell()

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._port}"

    def _stream(self, requests: Iterator[tts.StreamingSynthesizeRequest], context: Any) -> Iterator[bytes]:
        config = next(requests).streaming_config
        text = next(requests).input.text.strip()
        audio = config.streaming_audio_config
        with self.watching():
            assert audio.audio_encoding == tts.AudioEncoding.PCM
        about = {"language": config.voice.language_code, "rate": audio.sample_rate_hertz, "speed": audio.speaking_rate}
        self.note(Asked(text, config.voice.name, about))
        deed = self.next_deed()
        self._fail(deed, context)
        if deed == "garbage":
            yield b"\xff\xff\xff"
            return
        sound = self.sound(text, audio.sample_rate_hertz) if deed != "silent" else b""
        if deed == "drop":
            sound = sound[: len(sound) // 4 * 2]
        for start in range(0, len(sound), 6400):
            answer = tts.StreamingSynthesizeResponse(audio_content=sound[start : start + 6400])
            yield tts.StreamingSynthesizeResponse.serialize(answer)
        if deed == "drop":
            context.abort(grpc.StatusCode.UNAVAILABLE, "Connection reset by peer")

    def _whole(self, request: tts.SynthesizeSpeechRequest, context: Any) -> bytes:
        text = unescape(_TAG.sub("", request.input.ssml)).strip() or request.input.text
        rate = request.audio_config.sample_rate_hertz
        with self.watching():
            assert request.audio_config.audio_encoding == tts.AudioEncoding.LINEAR16
        about = {"language": request.voice.language_code, "rate": rate, "ssml": request.input.ssml}
        self.note(Asked(text, request.voice.name, about))
        deed = self.next_deed()
        self._fail(deed, context)
        if deed == "drop":
            context.abort(grpc.StatusCode.UNAVAILABLE, "Connection reset by peer")
        if deed == "garbage":
            return b"\xff\xff\xff"
        sound = self.sound(text, rate) if deed != "silent" else b""
        header = b"RIFF" + bytes(40)
        return bytes(tts.SynthesizeSpeechResponse.serialize(tts.SynthesizeSpeechResponse(audio_content=header + sound)))

    def _fail(self, deed: Does, context: Any) -> None:
        if deed == "bad key":
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "Request had invalid authentication credentials.")
        if deed == "limit":
            context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "Quota exceeded for quota metric 'Chirp3 requests'.")
        if deed == "stall":
            self._over.wait(60)
