"""The OpenAPI 3.1 description of the reader, with the bounds of the settings it runs with."""

from importlib.metadata import version

from services.reader.endpoints.openapi_parameters import parameters
from services.reader.endpoints.openapi_parts import TEXT, Object, answer, ref
from services.reader.endpoints.openapi_posts import body_schemas, post_answers, posts
from shared.contracts.settings import Settings

PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
WISHES = [
    "n", "offset", "cursor", "surface", "context", "brand", "seller", "tag", "price_min", "price_max", "exclude",
    "fields", "diversity", "explain", "preview",
]  # fmt: skip
OF_ITEMS = [*WISHES, "of_category"]


def description(settings: Settings, rows: list[str]) -> Object:
    """``rows``: kinds of a page's rows."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Headrace reader",
            "version": version("headrace"),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "description": "Recommendations that are fresh within a moment of the event. An unknown user or item is "
            "never an error: the answer's `source` says what it is.",
        },
        "servers": [{"url": "/"}],
        "paths": _lists() | posts(rows) | _others(),
        "components": {
            "schemas": _schemas() | body_schemas() | post_answers(),
            "parameters": parameters(settings),
            "responses": {
                "BadRequest": {"description": "A parameter is wrong; `field` names it.", "content": PROBLEM},
                "ForeignPage": {"description": "A page of another origin sent it.", "content": PROBLEM},
                "NotReady": {"description": "Redis has not answered since the reader started.", "content": PROBLEM},
                "List": answer("A list; empty, with source `none`, if there is nothing to show.", ref("Answer")),
            },
        },
    }


def _lists() -> Object:
    return {
        "/v1/users/{user}/recommendations": _list(
            "recommendations", "A user's list, fused with what trends now", ["user", *OF_ITEMS, "session"]
        ),
        "/v1/items/{item}/similar": _list("similar", "Items similar to an item", ["item", "kind", *OF_ITEMS, "viewer"]),
        "/v1/trending": _list("trending", "What trends", ["category", "half_life", *WISHES, "viewer"]),
        "/v1/popular": _list("popular", "What is popular", ["category", *WISHES, "viewer"]),
    }


def _others() -> Object:
    text = {"schema": {"type": "string"}}
    bad = {"400": {"$ref": "#/components/responses/BadRequest"}}
    missing = {"404": {"description": "The page has no such file", "content": PROBLEM}}
    return {
        "/v1/items": _get("items", "Titles and prices of items", answer("Those known", ref("ItemsShown")), ["id"], bad),
        "/v1/status": _get("status", "The key numbers of this reader", answer("The numbers", ref("Status"))),
        "/healthz": _get("healthz", "The process is alive", answer("Alive", ref("Health"))),
        "/readyz": _get(
            "readyz",
            "Answers are worth asking for",
            answer("Ready", ref("Health")),
            more={"503": {"$ref": "#/components/responses/NotReady"}},
        ),
        "/metrics": _get("metrics", "Prometheus metrics", {"description": "Text", "content": {"text/plain": text}}),
        "/openapi.json": _get("openapi", "This description", answer("OpenAPI 3.1", {"type": "object"})),
        "/": _get("live", "A page that shows it live", {"description": "HTML", "content": {"text/html": text}}),
        "/page/{file}": _get("part", "A file of that page", {"description": "Style or script"}, ["file"], missing),
    }


def _list(name: str, summary: str, parameters: list[str]) -> Object:
    responses = {"400": {"$ref": "#/components/responses/BadRequest"}}
    return _get(name, summary, {"$ref": "#/components/responses/List"}, parameters, responses)


def _get(
    name: str, summary: str, ok: Object, parameters: list[str] | None = None, more: Object | None = None
) -> Object:
    operation: Object = {"operationId": name, "summary": summary, "responses": {"200": ok} | (more or {})}
    if parameters:
        operation["parameters"] = [{"$ref": f"#/components/parameters/{p}"} for p in parameters]
    return {"get": operation}


WHOLE, MILLIS = {"type": "integer"}, {"type": ["number", "null"]}
TEXTS = {"type": "array", "items": TEXT}
DEGRADED = {"degraded": {"type": "boolean", "description": "Redis did not answer: this is the last known"}}


def _schemas() -> Object:
    return {
        "Answer": _answer_schema(),
        "ItemsShown": _object({"items": {"type": "array", "items": ref("Item")}}, optional=DEGRADED),
        "Item": _item_schema(),
        "Health": _object({"status": TEXT}),
        "Problem": _object(
            {"type": TEXT, "title": TEXT, "status": WHOLE, "detail": TEXT},
            optional={"field": TEXT | {"description": "the parameter that is wrong"}},
        ),
        "Status": _status_schema(),
    }


def _answer_schema() -> Object:
    number = {"type": "number"}
    columns = {
        "v": {"const": 1},
        "at": TEXT | {"description": "generation and source offset of the list behind the answer"},
        "ts": WHOLE | {"description": "event time, in epoch ms, that the list includes; 0 if there is none"},
        "source": TEXT
        | {
            "description": "personal, batch, similar, session, related; preferences, context, segment, category, "
            "trending, popular: steps of the cold start; again, viewed, new: rows of a page; none"
        },
        "model": TEXT,
        "rec_id": TEXT | {"description": "names this answer: send it with the events that it causes"},
        "items": TEXTS,
        "scores": {"type": "array", "items": number, "description": "descending, one per item"},
        "why": TEXTS | {"description": "a source code per item: `together`, `again`, `trend`, `pop`, …"},
    }
    whose = dict.fromkeys(("user_id", "item_id", "scope"), TEXT)
    more = {
        "fields": {"type": "array", "items": {"type": "object"}, "description": "what was asked for, one per item"},
        "because": {"type": "array", "items": {"type": ["string", "null"]}, "description": "the item that led there"},
        "reasons": TEXTS | {"description": "in words; with `explain`"},
        "next": TEXT | {"description": "the cursor of the page that follows"},
    }
    return _object(columns, optional=whose | DEGRADED | more)


def _item_schema() -> Object:
    return _object(
        {"item_id": TEXT},
        optional={
            "title": TEXT,
            "description": TEXT,
            "tags": TEXTS,
            "seller": TEXT,
            "parent_id": TEXT,
            "categories": TEXTS,
            "brand": {"type": ["string", "null"]},
            "published_at": WHOLE,
            "expires_at": WHOLE,
            "markets": {"type": "object"},
            "attributes": {"type": "object"},
            "price": {"type": ["number", "null"]},
            "image": {"type": ["string", "null"]},
            "available": {"type": "boolean"},
        },
    )


def _status_schema() -> Object:
    return _object(
        {
            "answers": {"type": "object", "additionalProperties": WHOLE, "description": "answers by source"},
            "latency_ms": _object({"p50": MILLIS, "p99": MILLIS}),
            "degraded": WHOLE,
            "impressions_dropped": WHOLE,
            "redis": {"enum": ["up", "away"]},
            "unavailable_items": WHOLE,
            "catalogue_items": WHOLE | {"description": "items of the catalogue in this reader's memory"},
            "rules": _object({"count": WHOLE, "wrong": TEXT | {"description": "why the file does not hold"}}),
            "trending_ts": {"type": ["integer", "null"], "description": "newest event time that trending includes"},
            "now": WHOLE,
            "write_path": {"anyOf": [{"type": "null"}, _write_path()]},
        }
    )


def _write_path() -> Object:
    return _object(
        {
            "applied": WHOLE | {"description": "events since the workers started"},
            "behind": WHOLE | {"description": "records that wait in Kafka"},
            "freshness_ms": _object({"p50": MILLIS, "p99": MILLIS})
            | {"description": "from event to list, over the last minute"},
        }
    )


def _object(required: Object, optional: Object | None = None) -> Object:
    return {"type": "object", "properties": (optional or {}) | required, "required": list(required)}
