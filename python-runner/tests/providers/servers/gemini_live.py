"""Google's Gemini Live API.

Source: https://ai.google.dev/api/live (BidiGenerateContent). A wrong key closes the socket with 1007 and says so in the
reason. Google's client asks for nothing but TLS, so the server has a certificate of its own.
"""

from __future__ import annotations

import base64
import datetime
import ipaddress
import json
import re
import socket
import ssl
import threading
import time
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection

from tests.providers.servers.streaming import Call
from tests.providers.servers.talking import RATE, TalkingServer, spoken


class GeminiLiveServer(TalkingServer):
    """``wss://…/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent``."""

    def __init__(self, certificate: Path, heard: str = "What is my balance?") -> None:
        super().__init__()
        self._heard = heard
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(certificate)

    @property
    def address(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def key_of(self, request: Request) -> str | None:
        return request.headers.get("x-goog-api-key")

    def refuse(self, socket: ServerConnection, scenario: str) -> Response | None:
        code, reason = {
            "bad key": (1007, "API key not valid. Please pass a valid API key."),
            "limit": (1011, "You exceeded your current quota, please check your plan and billing details."),
        }[scenario]
        socket.close(code, reason)
        return None

    def converse(self, socket: ServerConnection) -> None:
        conversation = _Conversation(self, socket, self._heard)
        for message in socket:
            event = _camel(json.loads(message))
            self.sent.append(event)
            if "setup" in event and (scenario := self.fails_now("bad key", "limit")):
                self.refuse(socket, scenario)
                return
            conversation.take(event)


class _Conversation:
    """One session's state."""

    def __init__(self, server: TalkingServer, socket: ServerConnection, heard: str) -> None:
        self._server = server
        self._socket = socket
        self._heard = heard
        self._turn = 0
        self._calls = 0
        self._lock = threading.Lock()
        self._talks = False
        self._told = ""

    def _send(self, **message: Any) -> None:
        self._socket.send(json.dumps(message).encode())

    def take(self, event: dict[str, Any]) -> None:
        if "setup" in event:
            self._send(setupComplete={})
        elif content := event.get("clientContent"):
            for turn in content.get("turns") or []:
                self._told = turn["parts"][0].get("text", "")
            if content.get("turnComplete"):
                self._answer()
        elif "toolResponse" in event:
            self._answer()
        elif audio := event.get("realtimeInput"):
            if "activityStart" in audio:
                self._interrupt()
            elif "audio" in audio:
                rate = int(audio["audio"]["mimeType"].removeprefix("audio/pcm;rate="))
                self._server.heard_ms += len(base64.urlsafe_b64decode(audio["audio"]["data"])) / 2 / rate * 1000
            elif "activityEnd" in audio:
                self._send(serverContent={"inputTranscription": {"text": self._heard}})
                self._answer()

    def _interrupt(self) -> None:
        with self._lock:
            self._turn += 1
            talked, self._talks = self._talks, False
        if talked:
            self._send(serverContent={"interrupted": True})

    def _answer(self) -> None:
        scenario = self._server.fails_now("stall", "drop", "garbage")
        if scenario == "stall":
            return
        if scenario == "garbage":
            self._socket.send(b'{"serverContent": {"modelTurn"')
            return
        told, self._told = self._told, ""
        answer: str | Call = told.rpartition("else: ")[2] if "word for word" in told else self._server.next_answer()
        self._turn += 1
        if isinstance(answer, Call):
            self._calls += 1
            call = {"id": f"function-call-{self._calls}", "name": answer.name, "args": answer.arguments}
            self._send(toolCall={"functionCalls": [call]})
        else:
            threading.Thread(target=self._talk, args=(self._turn, answer, scenario), daemon=True).start()

    def _talk(self, turn: int, answer: str, scenario: str | None) -> None:
        for i, (word, pcm) in enumerate(spoken(answer)):
            with self._lock:
                if self._turn != turn:
                    return
                self._talks = True
                data = {"mimeType": f"audio/pcm;rate={RATE}", "data": base64.b64encode(pcm).decode()}
                self._send(serverContent={"modelTurn": {"role": "model", "parts": [{"inlineData": data}]}})
                self._send(serverContent={"outputTranscription": {"text": word}})
            if scenario == "drop" and i == 1:
                self._socket.socket.shutdown(socket.SHUT_RDWR)
                return
            time.sleep(len(pcm) / 2 / RATE / 10)
        with self._lock:
            if self._turn == turn:
                self._talks = False
                self._send(serverContent={"generationComplete": True})
                usage = {"promptTokenCount": 11, "responseTokenCount": 7, "totalTokenCount": 18}
                self._send(serverContent={"turnComplete": True}, usageMetadata=usage)


def _camel(value: Any) -> Any:
    """Protobuf's JSON takes both spellings of a name, and Google's client writes both."""
    if isinstance(value, dict):
        return {re.sub(r"_([a-z])", lambda m: m[1].upper(), k): _camel(v) for k, v in value.items()}
    return [_camel(item) for item in value] if isinstance(value, list) else value


def certificate(folder: Path) -> Path:
    """A key and a certificate for 127.0.0.1 that signs itself, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return file
