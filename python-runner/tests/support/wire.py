"""pipecat's protobuf messages, whose classes are made at import time and so have no types."""

from __future__ import annotations

import importlib
from typing import Any

pb: Any = importlib.import_module("pipecat.frames.protobufs.frames_pb2")
