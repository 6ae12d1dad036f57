"""Usage: dev/docs/interfaces.py ASYNCAPI-SCHEMA.

docs/api/openapi.yaml is an OpenAPI document, docs/api/asyncapi.yaml an AsyncAPI document, and what they refer to is
there.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft7Validator, Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

API = Path(__file__).resolve().parents[2] / "docs/api"
DOCUMENTS = {name: yaml.safe_load((API / name).read_text()) for name in ("openapi.yaml", "asyncapi.yaml")}


def references(value: Any) -> Iterator[str]:
    """Every ``$ref`` within."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from references(each)


def dangling(name: str) -> Iterator[str]:
    """References of a document that lead nowhere."""
    for reference in references(DOCUMENTS[name]):
        file, _, pointer = reference.partition("#")
        at: Any = DOCUMENTS.get(file or name)
        for part in pointer.strip("/").split("/"):
            at = at.get(part.replace("~1", "/")) if isinstance(at, dict) else None
        if at is None:
            yield f"{name}: {reference} is not there"


def main(schema: Path) -> int:
    """Checks both."""
    wrong = [
        f"openapi.yaml: {error.message}" for error in OpenAPIV31SpecValidator(DOCUMENTS["openapi.yaml"]).iter_errors()
    ]
    validator = Draft7Validator(json.loads(schema.read_text()))
    wrong += [
        f"asyncapi.yaml {error.json_path}: {error.message}"
        for error in validator.iter_errors(DOCUMENTS["asyncapi.yaml"])
    ]
    for name, document in DOCUMENTS.items():
        wrong += dangling(name)
        for key, described in document["components"]["schemas"].items():
            wrong += [
                f"{name} {key}: {error.message}"
                for error in Draft202012Validator(Draft202012Validator.META_SCHEMA).iter_errors(described)
            ]
    print(
        "\n".join(wrong) or "openapi.yaml and asyncapi.yaml are what they say", file=sys.stderr if wrong else sys.stdout
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
