"""Warnings are errors here, but not those pipecat causes itself while it is imported."""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pipecat.pipeline.worker
    import pipecat.processors.aggregators.llm_response_universal
    import pipecat.services.openai.llm
    import pipecat.services.stt_service
    import pipecat.services.tts_service  # noqa: F401 - imported for the warnings it would raise later

import sys

from loguru import logger

logger.remove()
logger.add(sys.stderr, level="WARNING", format="{level} {name} {message}")
