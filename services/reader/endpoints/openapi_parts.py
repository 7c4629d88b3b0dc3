"""What the description of the reader is put together from."""

from typing import Any

Object = dict[str, Any]
JSON = "application/json"
TEXT = {"type": "string"}


def ref(name: str) -> Object:
    """A schema by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def answer(text: str, schema: Object) -> Object:
    """What comes back, as JSON."""
    return {"description": text, "content": {JSON: {"schema": schema}}}
