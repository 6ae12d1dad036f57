"""The pure parts of tools: names, schemas, results, the order of messages, tones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from google.genai.types import Tool as GeminiTool
from pipecat.adapters.llm.schemas.function_schema import FunctionSchema
from pipecat.adapters.llm.schemas.tools_schema import ToolsSchema
from pipecat.adapters.llm.services.anthropic_adapter import AnthropicLLMAdapter
from pipecat.adapters.llm.services.bedrock_adapter import AWSBedrockLLMAdapter
from pipecat.adapters.llm.services.gemini_adapter import GeminiLLMAdapter
from pipecat.adapters.llm.services.open_ai_adapter import OpenAILLMAdapter

from pipecat_runner._errors import BadConfiguration
from pipecat_runner._tools.names import safe_names
from pipecat_runner._tools.order import said_before_called
from pipecat_runner._tools.results import MAX_RESULT, failed, succeeded
from pipecat_runner._tools.schema import Parameters
from pipecat_runner._tools.tones import keys_of, tones


def test_a_name_that_every_provider_takes_stays_and_others_become_one() -> None:
    long = "x" * 80
    safe = safe_names(["find.flight", "find_flight", "find-flight", "größe", "9lives", long, long + "y", ""])
    assert safe["find_flight"] == "find_flight"
    assert safe["find.flight"] == "find_flight_2"
    assert safe["find-flight"] == "find-flight"
    assert safe["größe"] == "gr__e"
    assert safe["9lives"] == "_9lives"
    assert safe[long] == "x" * 64
    assert safe[long + "y"] == "x" * 62 + "_2"
    assert len(set(safe.values())) == len(safe)


ADDRESS = {
    "$defs": {"place": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}},
    "properties": {
        "to": {"$ref": "#/$defs/place", "description": "Where to."},
        "kind": {"oneOf": [{"const": "letter"}, {"const": "parcel"}]},
        "weight": {"type": "number", "exclusiveMinimum": 0, "description": "In kg."},
        "floor": {"enum": [1, 2]},
        "stops": {"type": "array", "items": {"$ref": "#/$defs/place"}, "maxItems": 3},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "required": ["to"],
}


def test_the_model_is_shown_the_whole_schema_in_words_that_every_provider_knows() -> None:
    shown = Parameters(ADDRESS, "tools[0].parameters")
    place = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    assert shown.required == ["to"]
    assert shown.properties == {
        "to": {**place, "description": "Where to."},
        "kind": {"anyOf": [{"enum": ["letter"]}, {"enum": ["parcel"]}]},
        "weight": {"type": "number", "description": 'In kg. JSON schema: {"exclusiveMinimum": 0}'},
        "floor": {"enum": [1, 2], "description": 'JSON schema: {"enum": [1, 2]}'},
        "stops": {"type": "array", "items": place, "maxItems": 3},
        "labels": {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "description": 'JSON schema: {"additionalProperties": {"type": "string"}}',
        },
    }


@pytest.mark.parametrize("adapter", [OpenAILLMAdapter, AnthropicLLMAdapter, AWSBedrockLLMAdapter, GeminiLLMAdapter])
def test_every_provider_takes_the_schema(adapter: type[Any]) -> None:
    shown = Parameters(ADDRESS, "tools[0].parameters")
    function = FunctionSchema("send", "Send it.", shown.properties, shown.required)
    written = adapter().to_provider_tools_format(ToolsSchema([function]))
    assert "JSON schema: " in str(written)
    if adapter is GeminiLLMAdapter:
        made = GeminiTool.model_validate(written[0]).function_declarations
        assert made is not None
        assert made[0].parameters is not None
        assert made[0].parameters.required == ["to"]


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        ({}, "'to' is a required property"),
        ({"to": {"city": 1}}, "arguments.to.city: 1 is not of type 'string'"),
        ({"to": {"city": "x"}, "weight": 0}, "arguments.weight: 0 is less than or equal to the minimum of 0"),
        ({"to": {"city": "x"}, "stops": [{}]}, "arguments.stops[0]: 'city' is a required property"),
        ({"to": {"city": "x"}, "kind": "box"}, "arguments.kind: 'letter' was expected"),
        ([1], "must be a JSON object"),
    ],
)
def test_arguments_are_held_against_the_schema_as_it_was_given(arguments: Any, wrong: str) -> None:
    violations = Parameters(ADDRESS, "tools[0].parameters").violations(arguments)
    assert violations is not None
    assert wrong in violations


def test_good_arguments_have_no_violations() -> None:
    good = {"to": {"city": "Ulm"}, "kind": "parcel", "weight": 0.5, "labels": {"a": "b"}}
    assert Parameters(ADDRESS, "tools[0].parameters").violations(good) is None


@pytest.mark.parametrize(
    ("schema", "wrong"),
    [
        ({"properties": {"a": {"type": "strin"}}}, r"tools\[0\].parameters.properties.a.type: not a JSON schema"),
        ({"type": "array"}, r"tools\[0\].parameters.type: must be object"),
        ({"required": "a"}, r"tools\[0\].parameters.required: not a JSON schema"),
        ({"properties": {"a": {"$ref": "https://example.org/s.json"}}}, "is not in the schema"),
        ({"properties": {"a": {"$ref": "#/$defs/b"}}}, "is not in the schema"),
        ({"$defs": {"t": {"items": {"$ref": "#/$defs/t"}}}, "properties": {"a": {"$ref": "#/$defs/t"}}}, "to itself"),
        (
            {"properties": {"a": {"type": "string", "pattern": "("}}},
            r"properties.a.pattern: not a JSON schema",
        ),
    ],
)
def test_a_schema_that_is_none_is_refused_with_its_place(schema: dict[str, Any], wrong: str) -> None:
    with pytest.raises(BadConfiguration, match=wrong):
        Parameters(schema, "tools[0].parameters")


def test_a_large_result_is_cut_with_a_note_and_a_long_error_ends() -> None:
    result = succeeded({"rows": ["x" * 100] * 20_000})
    assert len(result["data"]) == MAX_RESULT
    assert "these are the first 16000" in result["note"]
    assert succeeded({"a": 1}) == {"status": "ok", "data": {"a": 1}}
    assert len(failed("x" * 5000)["error"]) < 1100


def call(call_id: str) -> dict[str, Any]:
    return {"role": "assistant", "tool_calls": [{"id": call_id}]}


def result(call_id: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call_id, "content": "{}"}


def said(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": text}


def test_what_was_said_during_a_call_moves_before_it() -> None:
    asked = {"role": "user", "content": "Hi"}
    before = [asked, said("First."), call("1"), result("1"), call("2"), result("2"), said("A."), said("B.")]
    after = [asked, said("First."), said("A."), said("B."), call("1"), result("1"), call("2"), result("2")]
    assert said_before_called(before) == after
    assert said_before_called(after) == after


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [said("Welcome.")],
        [{"role": "user", "content": "Hi"}, said("Hello.")],
        [call("1"), result("1"), said("Twelve."), {"role": "user", "content": "Thanks"}],
    ],
)
def test_a_conversation_in_order_stays_as_it_is(messages: list[dict[str, Any]]) -> None:
    assert said_before_called(messages) == messages


@pytest.mark.parametrize("rate", [8000, 11_025, 16_000, 22_050, 24_000])
def test_each_key_has_its_two_frequencies_at_every_rate(rate: int) -> None:
    wanted = {"1": (697, 1209), "5": (770, 1336), "#": (941, 1477), "D": (941, 1633)}
    for key, pcm in zip(wanted, tones("".join(wanted), rate), strict=True):
        tone = np.frombuffer(pcm, "<i2")[: rate // 10].astype(float)
        spectrum = np.abs(np.fft.rfft(tone * np.hanning(len(tone)), rate))
        strongest = sorted(int(f) for f in np.argsort(spectrum)[::-1][:20])
        for frequency in wanted[key]:
            assert any(abs(f - frequency) <= 8 for f in strongest)
        assert np.max(np.abs(tone)) < 24_000
    assert sum(len(pcm) for pcm in tones("w", rate)) // 2 == rate // 2


@pytest.mark.parametrize("digits", ["", "1 2", "x", "1" * 33, None, ["1"]])
def test_what_no_telephone_has_is_no_key(digits: object) -> None:
    with pytest.raises(ValueError, match="digits must be"):
        keys_of(digits)


def test_keys_may_be_small_letters_or_a_number() -> None:
    assert keys_of("1a*w") == "1A*w"
    assert keys_of(42) == "42"
