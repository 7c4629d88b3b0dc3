"""The collector in OpenAPI 3.1."""

from typing import Any

import msgspec

from services.collector.intake import Sent
from services.collector.problems import Refusal
from services.web.problems import MEDIA_TYPE
from shared.contracts.settings import Settings

_TEMPLATE = "#/components/schemas/{name}"


def describe(settings: Settings) -> dict[str, Any]:
    """Schemas come from the structs that are enforced, event types from the settings."""
    (_, _), schemas = msgspec.json.schema_components([Sent, Refusal], ref_template=_TEMPLATE)
    event = schemas["Sent"]
    event["properties"]["type"] = {"type": "string", "enum": sorted(settings.events.types)}
    event["properties"]["ts"] = {"type": "integer", "description": "epoch ms; the collector's clock if absent"}
    event["required"] = ["type"]
    event["description"] = (
        "user_id or session_id must be given. Without event_id the collector makes one and returns it; an event sent "
        "again with the same event_id counts once."
    )
    return {
        "openapi": "3.1.0",
        "info": {"title": "Headrace collector", "version": "1", "description": "Takes events over HTTP into Kafka."},
        "paths": {
            "/v1/events": {"post": _post(settings)},
            "/healthz": {"get": _plain("The process is alive.")},
            "/readyz": {"get": _plain("Kafka answers.") | {"responses": {"200": _ok(), "503": _ok("it does not")}}},
            "/metrics": {"get": _plain("Prometheus metrics.")},
        },
        "components": {"schemas": {"Event": event, "Problem": schemas["Refusal"]} | _rest(schemas)},
    }


def _rest(schemas: dict[str, Any]) -> dict[str, Any]:
    return {name: schema for name, schema in schemas.items() if name not in {"Sent", "Refusal"}}


def _post(settings: Settings) -> dict[str, Any]:
    one = {"$ref": "#/components/schemas/Event"}
    many = {"type": "array", "items": one, "maxItems": settings.collector.max_batch}
    schema = {"schema": {"oneOf": [one, many]}}
    refusals = {
        "400": "the body is no JSON",
        "403": "a page of an origin that is not allowed sent it",
        "408": "the body did not come in time",
        "413": "the body or the array is too large",
        "415": "neither application/json nor text/plain",
        "422": "an event breaks the contract: `index`, `field` and `reason` say where and why; none was taken",
        "503": "Kafka does not take them now: send them again, with the `ids` of the answer, after Retry-After",
    }
    return {
        "summary": "Send one event or an array of them, all or none.",
        "requestBody": {"required": True, "content": {"application/json": schema, "text/plain": schema}},
        "responses": {"202": _accepted()} | {status: _refused(text) for status, text in refusals.items()},
    }


def _accepted() -> dict[str, Any]:
    schema = {
        "type": "object",
        "required": ["accepted", "ids"],
        "properties": {"accepted": {"type": "integer"}, "ids": {"type": "array", "items": {"type": "string"}}},
    }
    return {
        "description": "Kafka has acknowledged every one of them.",
        "content": {"application/json": {"schema": schema}},
    }


def _refused(text: str) -> dict[str, Any]:
    return {"description": text, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


def _plain(summary: str) -> dict[str, Any]:
    return {"summary": summary, "responses": {"200": _ok()}}


def _ok(text: str = "it does") -> dict[str, Any]:
    return {"description": text}
