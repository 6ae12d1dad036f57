"""The JSON schema of a tool's arguments: checked at the start, shown to the model, held against arguments."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from jsonschema.exceptions import SchemaError, ValidationError, best_match
from jsonschema.protocols import Validator
from jsonschema.validators import Draft202012Validator, validator_for
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from pipecat_runner._errors import BadConfiguration

# What every provider's idea of a schema has a word for, or is spared by pipecat; Gemini's refuses all others.
_COMMON = frozenset(
    {
        "additionalProperties",
        "anyOf",
        "default",
        "description",
        "enum",
        "items",
        "maxItems",
        "maxLength",
        "maximum",
        "minItems",
        "minLength",
        "minimum",
        "pattern",
        "properties",
        "required",
        "title",
        "type",
    }
)
# What says nothing about a value.
_SILENT = frozenset({"$schema", "$id", "$comment", "$defs", "definitions", "$anchor"})
_MAX_DEPTH = 24
_MAX_VIOLATION = 300
_MAX_VIOLATIONS = 5


class Parameters:
    """The arguments of one tool.

    Attributes:
        properties: For the model: by name, with references resolved and in words that every provider knows. What those
            cannot express stands in the descriptions.
        required: For the model.
        additional: For the model, where the schema says what other arguments there may be.
    """

    def __init__(self, schema: Mapping[str, Any], where: str) -> None:
        """Check a schema.

        Args:
            schema: As configured; empty for a tool without arguments.
            where: Its path, for messages: ``tools[2].parameters``.

        Raises:
            BadConfiguration: It is no schema of an object, or refers to something that is not in it.
        """
        whole = {"type": "object", **schema}
        if whole["type"] != "object":
            raise BadConfiguration(f"{where}.type: must be object, not {str(whole['type'])!r:.60}")
        kind = validator_for(whole, default=Draft202012Validator)
        try:
            kind.check_schema(whole)
        except SchemaError as e:
            path = "".join(f".{part}" if isinstance(part, str) else f"[{part}]" for part in e.absolute_path)
            raise BadConfiguration(f"{where}{path}: not a JSON schema: {e.message:.200}") from e
        # Without a registry of its own the validator would fetch what a schema refers to.
        self._validator: Validator = kind(whole, registry=Registry())
        shown = _Shown(whole, where).of(whole)
        self.properties: dict[str, Any] = shown.get("properties", {})
        self.required: list[str] = shown.get("required", [])
        self.additional: Any = shown.get("additionalProperties")

    def violations(self, arguments: object) -> str | None:
        """What is wrong with arguments, in words for the model; None when nothing is."""
        if not isinstance(arguments, Mapping):
            return "the arguments must be a JSON object"
        try:
            errors = sorted(self._validator.iter_errors(dict(arguments)), key=lambda error: error.json_path)
        except Unresolvable:
            # Under a word that no model is shown, such as if; the daemon judges.
            return None
        if not errors:
            return None
        told = [_told(error) for error in errors[:_MAX_VIOLATIONS]]
        if len(errors) > _MAX_VIOLATIONS:
            told.append(f"and {len(errors) - _MAX_VIOLATIONS} more")
        return "; ".join(told)


def _told(error: ValidationError) -> str:
    # Of "none of these forms fits" the form that nearly fits says more.
    inner = best_match(error.context) if error.context else None
    error = inner or error
    message = error.message if len(error.message) <= _MAX_VIOLATION else f"{error.message[:_MAX_VIOLATION]} …"
    path = "".join(f".{part}" if isinstance(part, str) else f"[{part}]" for part in error.absolute_path)
    return f"arguments{path}: {message}"


class _Shown:
    """Makes of a schema what a model is shown."""

    def __init__(self, root: Mapping[str, Any], where: str) -> None:
        self._where = where
        self._resolver = Registry().with_resource("", DRAFT202012.create_resource(dict(root))).resolver()

    def of(self, schema: Any, depth: int = 0) -> dict[str, Any]:
        if not isinstance(schema, Mapping):
            # true takes everything; false, which takes nothing, cannot be said.
            return {}
        if depth > _MAX_DEPTH:
            raise BadConfiguration(
                f"{self._where}: refers to itself or is nested more than {_MAX_DEPTH} deep; no model can be shown that"
            )
        schema = self._merged(self._resolved(schema), depth)
        shown: dict[str, Any] = {}
        notes: dict[str, Any] = {}
        for key, value in schema.items():
            if key == "properties":
                shown[key] = {name: self.of(inner, depth + 1) for name, inner in value.items()}
            elif key == "items":
                shown[key] = self.of(value, depth + 1)
            elif key == "additionalProperties" and isinstance(value, Mapping):
                # Gemini has no word for it.
                shown[key] = notes[key] = self.of(value, depth + 1)
            elif key in ("anyOf", "oneOf"):
                shown["anyOf"] = [self.of(inner, depth + 1) for inner in value]
            elif key == "const":
                shown["enum"] = [value]
            elif key in _COMMON or (key == "format" and value == "date-time"):
                shown[key] = value
            elif key not in _SILENT and not key.startswith("x-"):
                notes[key] = value
        if not all(isinstance(value, str) for value in shown.get("enum", [])):
            notes["enum"] = shown["enum"]
        if notes:
            said = json.dumps(notes, ensure_ascii=False)
            shown["description"] = f"{shown.get('description', '')} JSON schema: {said}".strip()
        return shown

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        for _ in range(_MAX_DEPTH):
            if "$ref" not in schema:
                return schema
            try:
                target = self._resolver.lookup(str(schema["$ref"])).contents
            except Unresolvable as e:
                raise BadConfiguration(
                    f"{self._where}: {str(schema['$ref'])!r:.100} is not in the schema; only references such as "
                    "#/$defs/name can be followed"
                ) from e
            rest = {key: value for key, value in schema.items() if key != "$ref"}
            schema = {**target, **rest} if isinstance(target, Mapping) else rest
        raise BadConfiguration(f"{self._where}: a reference leads back to itself")

    def _merged(self, schema: Mapping[str, Any], depth: int) -> Mapping[str, Any]:
        parts = schema.get("allOf")
        if not parts:
            return schema
        merged: dict[str, Any] = {key: value for key, value in schema.items() if key != "allOf"}
        for part in parts:
            shown = self.of(part, depth + 1)
            properties = {**shown.get("properties", {}), **merged.get("properties", {})}
            required = [*merged.get("required", []), *shown.get("required", [])]
            merged = {**shown, **merged}
            if properties:
                merged["properties"] = properties
            if required:
                merged["required"] = list(dict.fromkeys(required))
        return merged
