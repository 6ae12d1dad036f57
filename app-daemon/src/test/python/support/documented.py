"""The documents of the interfaces, docs/api/*.yaml: whether what a daemon says is what they say."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from support.daemon import HOME

BASE = "https://pipecat-manager/"
FILES = ("openapi.yaml", "asyncapi.yaml")
METHODS = ("get", "post", "put", "delete")


@functools.cache
def document(name: str) -> Any:
    """One of them, parsed."""
    return yaml.safe_load((HOME / "docs/api" / name).read_text())


@functools.cache
def _registry() -> Registry[Any]:
    return Registry().with_resources((BASE + name, Resource(document(name), DRAFT202012)) for name in FILES)


def routes() -> dict[str, list[str]]:
    """The methods of each path."""
    return {
        path: [method.upper() for method in METHODS if method in entry]
        for path, entry in document("openapi.yaml")["paths"].items()
    }


def events() -> dict[str, str]:
    """Where the payload of each event is described."""
    messages = document("asyncapi.yaml")["channels"]["events"]["messages"]
    return {name: "asyncapi.yaml" + entry["$ref"] + "/payload" for name, entry in messages.items()}


def check_event(body: dict[str, Any]) -> None:
    """An event as RabbitMQ carries it, and a daemon streams it."""
    assert body["type"] in events(), f"{body['type']} is not in docs/api/asyncapi.yaml"
    check(events()[body["type"]], body)


def check_rpc(answer: dict[str, Any]) -> None:
    """An answer as it comes over RabbitMQ."""
    check("asyncapi.yaml#/components/schemas/Answer", answer)


def check_answer(method: str, uri: str, data: Any, *, status: int = 200, kind: str = "application/json") -> None:
    """What a route answers; of a stream, one event's data."""
    path = next(path for path in routes() if re.search(re.sub(r"\{[^}]*}", "[^/]+", path) + "$", uri.partition("?")[0]))
    entry: dict[str, Any] = document("openapi.yaml")["paths"][path][method.lower()]
    response = entry["responses"].get(str(status)) or entry["responses"]["default"]
    check("openapi.yaml" + _follow(response, "openapi.yaml")[0]["content"][kind]["schema"]["$ref"], data)


def check(where: str, value: Any) -> None:
    """A value against the schema at a place; keys that the schema does not name count as wrong here."""
    wrong = [f"{error.json_path}: {error.message}" for error in _validator(where).iter_errors(value)]
    wrong += [f"{path} is not described" for path in _unknown(*_follow({"$ref": where}, ""), value, "$")]
    assert not wrong, f"{where}: {'; '.join(wrong)}\n{value}"


@functools.cache
def _validator(where: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": BASE + where}, registry=_registry())


def _follow(schema: dict[str, Any], file: str) -> tuple[dict[str, Any], str]:
    """What a reference leads to, and in which file that is."""
    while "$ref" in schema:
        name, _, pointer = schema["$ref"].partition("#")
        file = name or file
        schema = document(file)
        for part in pointer.strip("/").split("/"):
            schema = schema[part.replace("~1", "/")]
    return schema, file


def _properties(schema: dict[str, Any], file: str) -> dict[str, tuple[dict[str, Any], str]]:
    found = {key: (value, file) for key, value in schema.get("properties", {}).items()}
    for part in schema.get("allOf", []):
        found |= _properties(*_follow(part, file))
    return found


def _unknown(schema: dict[str, Any], file: str, value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict) and schema.get("additionalProperties") is not True:
        properties = _properties(schema, file)
        for key, each in value.items():
            if key not in properties:
                yield f"{path}.{key}"
            else:
                yield from _unknown(*_follow(*properties[key]), each, f"{path}.{key}")
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _unknown(*_follow(schema.get("items", {}), file), each, f"{path}[{index}]")
