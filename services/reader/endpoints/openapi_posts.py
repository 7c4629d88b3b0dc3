"""The endpoints that take a body, as OpenAPI describes them: schemas come from the structs that are enforced."""

from typing import Any

import msgspec

from services.reader.answering.rows import MOST_ROWS
from services.reader.asked.asking import FIELDS, KINDS
from services.reader.asked.bodies import Feedback, Items, Page, Preferences, Several
from services.reader.endpoints.posts import MOST_ITEMS, MOST_USERS
from services.reader.events.telling import MOST_WORDS
from shared.contracts.identity import SESSION_PREFIX
from shared.contracts.settings import Settings

Object = dict[str, Any]
JSON = "application/json"
_TEMPLATE = "#/components/schemas/{name}"


def body_schemas() -> Object:
    """By name."""
    _, schemas = msgspec.json.schema_components([Feedback, Items, Page, Preferences, Several], ref_template=_TEMPLATE)
    for shape, field, most in (
        ("Items", "items", MOST_ITEMS), ("Several", "users", MOST_USERS), ("Page", "rows", MOST_ROWS)
    ):  # fmt: skip
        schemas[shape]["properties"][field] |= _up_to(most)
    return schemas


def _up_to(most: int) -> Object:
    return {"minItems": 1, "maxItems": most}


def posts(rows: list[str]) -> Object:
    """``rows``: kinds of a page's rows."""
    user = {"parameters": [{"$ref": "#/components/parameters/user"}]}
    feedback = {"anyOf": [_ref("Feedback"), {"type": "array", "items": _ref("Feedback")} | _up_to(MOST_WORDS)]}
    answers = {"type": "object", "required": ["answers"], "properties": {"answers": _many("Answer")}}
    page = {
        "type": "object",
        "required": ["user_id", "rows"],
        "properties": {"user_id": {"type": "string"}, "rows": _many("RowAnswer")},
    }
    told = {"202": _answer("Kafka has it; it counts from the next answer on", _ref("Told"))} | _wrong(503)
    of_items = {"200": {"$ref": "#/components/responses/List"}} | _wrong()
    return {
        "/v1/page": _post("page", f"Rows of {', '.join(rows)}; an item in one only", _ref("Page"), _ok(page)),
        "/v1/batch": _post("batch", "A list for each of several users", _ref("Several"), _ok(answers)),
        "/v1/sessions/recommendations": _post("session", "A list from what a guest met", _ref("Items"), of_items),
        "/v1/related": _post("related", "What goes with a basket", _ref("Items"), of_items),
        "/v1/users/{user}/feedback": _post("feedback", "What a user says of items or categories", feedback, told)
        | user,
        "/v1/users/{user}/preferences": _post("preferences", "Answers at the beginning", _ref("Preferences"), told)
        | user,
        "/v1/users/{user}/history": {
            "get": {
                "operationId": "history",
                "summary": "What is known of a user",
                "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in ("session", "fields")],
                "responses": _ok(_ref("History")),
            }
        }
        | user,
    }


def post_answers() -> Object:
    """Schemas of what these answer."""
    text, whole = {"type": "string"}, {"type": "integer"}
    texts = {"type": "array", "items": text}
    taken = {"type": "object", "properties": {"item_id": text, "times": whole, "last": whole}}
    row = {"row": text, "title": text | {"description": "what a page may write above it"}}
    return {
        "RowAnswer": {"allOf": [_ref("Answer"), {"type": "object", "properties": row, "required": list(row)}]},
        "Told": {
            "type": "object",
            "properties": {"accepted": whole, "ids": texts | {"description": "of the events"}},
            "required": ["accepted", "ids"],
        },
        "History": {
            "type": "object",
            "properties": {
                "user_id": text,
                "ts": whole,
                "items": texts | {"description": "newest first"},
                "taken": {"type": "array", "items": taken},
                "liked_categories": texts,
                "avoided_categories": texts,
                "fields": {"type": "array", "items": {"type": "object"}},
                "degraded": {"type": "boolean"},
            },
            "required": ["user_id", "ts", "items", "taken", "liked_categories", "avoided_categories"],
        },
    }


def identifier(settings: Settings) -> Object:
    """An id: printable characters."""
    longest = settings.events.max_id_length
    return {"type": "string", "minLength": 1, "maxLength": longest, "pattern": r"^[^\u0000-\u001f\u007f-\u009f]+$"}


def asker(settings: Settings) -> Object:
    """Of a user, or ``session:`` and an id of a session."""
    return identifier(settings) | {"maxLength": settings.events.max_id_length + len(SESSION_PREFIX)}


def wishes(settings: Settings) -> Object:
    """The parameters that any list takes."""
    ident = identifier(settings)
    text = {"type": "string", "maxLength": settings.events.max_id_length}
    price = {"type": "number", "minimum": 0, "maximum": 1e15}
    context = {"type": "object", "additionalProperties": text, "maxProperties": 16}
    return {
        "offset": _query("offset", {"type": "integer", "minimum": 0, "maximum": 1000, "default": 0}, "from where on"),
        "cursor": _query("cursor", {"type": "string"}, "empty for the first page, then `next` of the page before"),
        "surface": _query("surface", text, "where the list is shown; rules can depend on it"),
        "context": _query("context", context, "`context.device=phone`")
        | {"style": "form", "explode": True, "x-prefix": "context."},
        "of_category": _several("category", ident, "only items of these categories"),
        "brand": _several("brand", ident, "only items of these brands"),
        "seller": _several("seller", ident, "only items of these sellers"),
        "tag": _several("tag", ident, "only items with one of these tags"),
        "price_min": _query("price_min", price, "in the market of the context"),
        "price_max": _query("price_max", price, "in the market of the context"),
        "exclude": _several("exclude", ident, "items that must not be in the answer"),
        "fields": _several("fields", {"enum": list(FIELDS)}, "what the answer says of each item"),
        "session": _query("session", ident, "the guest's session that is this user's: its history counts too"),
        "kind": _query("kind", {"enum": list(KINDS)}, "of what is similar: of the item's category, or of another"),
        "explain": _query("explain", {"type": "boolean", "default": False}, "say why each item is there"),
        "diversity": _query("diversity", {"type": "number", "minimum": 0, "maximum": 1}, "instead of the usual"),
    }


def _query(name: str, schema: Object, text: str) -> Object:
    return {"name": name, "in": "query", "schema": schema, "description": text}


def _several(name: str, schema: Object, text: str) -> Object:
    return _query(name, {"type": "array", "items": schema}, text) | {"style": "form", "explode": True}


def _ref(name: str) -> Object:
    return {"$ref": f"#/components/schemas/{name}"}


def _many(name: str) -> Object:
    return {"type": "array", "items": _ref(name)}


def _answer(text: str, schema: Object) -> Object:
    return {"description": text, "content": {JSON: {"schema": schema}}}


def _ok(schema: Object) -> Object:
    return {"200": _answer("The answer", schema)} | _wrong()


def _wrong(*more: int) -> Object:
    problems = {"400": {"$ref": "#/components/responses/BadRequest"}}
    return problems | {str(status): {"$ref": "#/components/responses/NotReady"} for status in more}


def _post(name: str, summary: str, body: Object, responses: Object) -> Object:
    request = {"required": True, "content": {JSON: {"schema": body}}}
    return {"post": {"operationId": name, "summary": summary, "requestBody": request, "responses": responses}}
