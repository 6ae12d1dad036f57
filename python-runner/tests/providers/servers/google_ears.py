"""Google Cloud's Speech service, version 2, over gRPC with the library's own messages.

Behaviour as in https://cloud.google.com/speech-to-text/v2/docs/reference/rpc/google.cloud.speech.v2
(StreamingRecognize: the first request configures, the others hold audio) and
https://cloud.google.com/apis/design/errors (UNAUTHENTICATED, RESOURCE_EXHAUSTED).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import grpc
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.cloud.speech_v2.types import cloud_speech

from tests.providers.servers.hearing import Hearing, Plan

_SERVICE = "google.cloud.speech.v2.Speech"


def service_account() -> str:
    """A service account's JSON, with a key of its own."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return json.dumps(
        {
            "type": "service_account",
            "project_id": "project",
            "private_key_id": "1",
            "private_key": pem.decode(),
            "client_email": "runner@project.iam.gserviceaccount.com",
            "client_id": "1",
            "token_uri": "http://127.0.0.1:9/token",
        }
    )


@dataclass
class GoogleEarsServer:
    """The service in threads. Use as a context manager.

    Attributes:
        asked: The configuration of each stream, in order.
    """

    plan: Plan = field(default_factory=Plan)
    asked: list[Any] = field(default_factory=list)

    def __enter__(self) -> GoogleEarsServer:
        self._over = threading.Event()
        self._port = 0
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.stop(None).wait(10)

    @property
    def url(self) -> str:
        """Its address, for ``base_url``."""
        return f"http://127.0.0.1:{self._port}"

    def _start(self) -> None:
        handler = grpc.stream_stream_rpc_method_handler(
            self._streaming_recognize,
            request_deserializer=cloud_speech.StreamingRecognizeRequest.deserialize,
            response_serializer=lambda made: (
                made if isinstance(made, bytes) else cloud_speech.StreamingRecognizeResponse.serialize(made)
            ),
        )
        handlers = grpc.method_handlers_generic_handler(_SERVICE, {"StreamingRecognize": handler})
        self._server = grpc.server(ThreadPoolExecutor(8), handlers=[handlers])
        self._port = self._server.add_insecure_port(f"127.0.0.1:{self._port}")
        self._server.start()

    def _streaming_recognize(self, requests: Iterator[Any], context: Any) -> Iterator[Any]:
        first = next(requests)
        self.asked.append(first)
        config = first.streaming_config.config.explicit_decoding_config
        assert config.encoding == cloud_speech.ExplicitDecodingConfig.AudioEncoding.LINEAR16
        hearing, scenario = Hearing(config.sample_rate_hertz), self.plan.now(len(self.asked))
        if scenario == "bad key":
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "Request had invalid authentication credentials.")
        if scenario == "limit":
            context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "Quota exceeded.")
        for request in requests:
            hearing.feed(request.audio)
            if scenario == "drop" and hearing.voiced_ms >= 200:
                self._break()
                return
            if scenario == "garbage" and hearing.is_over:
                hearing.text()
                yield b"\xff\xff\xff\xff"
            elif scenario == "turn" and hearing.is_over:
                text = hearing.text()
                yield _response(text[:7], is_final=False)
                yield _response(text, is_final=True)

    def _break(self) -> None:
        """Break all connections, and be there again at once."""
        server = self._server

        def again() -> None:
            server.stop(None).wait(10)
            self._start()

        threading.Thread(target=again, daemon=True).start()
        self._over.wait(1)


def _response(text: str, *, is_final: bool) -> Any:
    alternative = cloud_speech.SpeechRecognitionAlternative(transcript=text, confidence=0.9)
    result = cloud_speech.StreamingRecognitionResult(alternatives=[alternative], is_final=is_final)
    return cloud_speech.StreamingRecognizeResponse(results=[result])
