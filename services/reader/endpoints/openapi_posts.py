"""The endpoints that take a body, as OpenAPI describes them: schemas come from the structs that are enforced."""

import msgspec

from services.reader.answering.rows import MOST_ROWS
from services.reader.asked.bodies import Feedback, Items, Page, Preferences, Several
from services.reader.endpoints.openapi_parts import JSON, Object, answer, ref
from services.reader.endpoints.posts import MOST_ITEMS, MOST_USERS
from services.reader.events.telling import MOST_WORDS

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
    feedback = {"anyOf": [ref("Feedback"), {"type": "array", "items": ref("Feedback")} | _up_to(MOST_WORDS)]}
    answers = {"type": "object", "required": ["answers"], "properties": {"answers": _many("Answer")}}
    page = {
        "type": "object",
        "required": ["user_id", "rows"],
        "properties": {"user_id": {"type": "string"}, "rows": _many("RowAnswer")},
    }
    foreign = {"403": {"$ref": "#/components/responses/ForeignPage"}}
    told = {"202": answer("Kafka has it; it counts from the next answer on", ref("Told"))} | foreign | _wrong(503)
    of_items = {"200": {"$ref": "#/components/responses/List"}} | _wrong()
    return {
        "/v1/page": _post("page", f"Rows of {', '.join(rows)}; an item in one only", ref("Page"), _ok(page)),
        "/v1/batch": _post("batch", "A list for each of several users", ref("Several"), _ok(answers)),
        "/v1/sessions/recommendations": _post("session", "A list from what a guest met", ref("Items"), of_items),
        "/v1/related": _post("related", "What goes with a basket", ref("Items"), of_items),
        "/v1/users/{user}/feedback": _post("feedback", "What a user says of items or categories", feedback, told)
        | user,
        "/v1/users/{user}/preferences": _post("preferences", "Answers at the beginning", ref("Preferences"), told)
        | user,
        "/v1/users/{user}/history": {
            "get": {
                "operationId": "history",
                "summary": "What is known of a user",
                "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in ("session", "fields")],
                "responses": _ok(ref("History")),
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
        "RowAnswer": {"allOf": [ref("Answer"), {"type": "object", "properties": row, "required": list(row)}]},
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


def _many(name: str) -> Object:
    return {"type": "array", "items": ref(name)}


def _ok(schema: Object) -> Object:
    return {"200": answer("The answer", schema)} | _wrong()


def _wrong(*more: int) -> Object:
    problems = {"400": {"$ref": "#/components/responses/BadRequest"}}
    return problems | {str(status): {"$ref": "#/components/responses/NotReady"} for status in more}


def _post(name: str, summary: str, body: Object, responses: Object) -> Object:
    request = {"required": True, "content": {JSON: {"schema": body}}}
    return {"post": {"operationId": name, "summary": summary, "requestBody": request, "responses": responses}}
