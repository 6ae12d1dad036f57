"""The process that runs Piper: ``python -m pipecat_runner._speech.piper_worker VOICE.onnx``.

Piper is licensed under GPL-3. It is imported here and nowhere else, and this module is only ever run as a program: the
runner speaks to it through pipes. It ends when its stdin does.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from pipecat_runner._speech.piper_protocol import HEAD, Kind, encode

if TYPE_CHECKING:
    from piper import PiperVoice

_Requests = queue.SimpleQueue[tuple[int, str] | None]


def main() -> int:
    """Load the voice named on the command line and serve until stdin ends."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    # What libraries print must not get between the messages.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    voice = _load(Path(sys.argv[1]))
    out.write(encode(0, Kind.READY, str(voice.config.sample_rate).encode()))

    requests: _Requests = queue.SimpleQueue()
    cancelled: set[int] = set()
    threading.Thread(target=_read, args=(sys.stdin.buffer, requests, cancelled), daemon=True).start()
    while (request := requests.get()) is not None:
        number, text = request
        try:
            if number not in cancelled:
                for chunk in voice.synthesize(text):
                    if number in cancelled:
                        break
                    out.write(encode(number, Kind.AUDIO, chunk.audio_int16_bytes))
        except BrokenPipeError:
            return 0
        except Exception as e:  # noqa: BLE001 - one sentence fails, the next may not
            out.write(encode(number, Kind.FAILED, type(e).__name__.encode()))
        else:
            out.write(encode(number, Kind.END))
        cancelled.discard(number)
    return 0


def _load(model: Path) -> PiperVoice:
    import onnxruntime
    from piper import PiperConfig, PiperVoice

    onnxruntime.set_default_logger_severity(3)
    options = onnxruntime.SessionOptions()
    # Two threads say a sentence in half the time of one. Idle ones must not spin, which is the default and takes
    # the cores from the calls: it costs half as much again and makes the sentence slower.
    options.intra_op_num_threads = min(2, os.cpu_count() or 1)
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    config = PiperConfig.from_dict(json.loads(model.with_name(model.name + ".json").read_text("utf-8")))
    session = onnxruntime.InferenceSession(str(model), sess_options=options, providers=["CPUExecutionProvider"])
    return PiperVoice(config=config, session=session)


def _read(source: BinaryIO, requests: _Requests, cancelled: set[int]) -> None:
    while len(head := source.read(HEAD.size)) == HEAD.size:
        number, kind, length = HEAD.unpack(head)
        body = source.read(length)
        if kind == Kind.SPEAK:
            requests.put((number, body.decode()))
        elif kind == Kind.CANCEL:
            cancelled.add(number)
    requests.put(None)


if __name__ == "__main__":
    sys.exit(main())
