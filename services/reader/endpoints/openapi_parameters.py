"""The parameters that the reader takes in paths and queries, as OpenAPI describes them."""

from services.reader.asked.asking import FIELDS, KINDS, MOST_NAMED
from services.reader.asked.parameters import DEFAULT_N
from services.reader.endpoints.openapi_parts import TEXT, Object
from shared.contracts.identity import SESSION_PREFIX
from shared.contracts.settings import Settings


def parameters(settings: Settings) -> Object:
    """By the name that endpoints use; of bounds those of the settings."""
    most = settings.reader.max_items
    ident = _identifier(settings)
    number = {"type": "integer", "minimum": 1, "maximum": most, "default": min(DEFAULT_N, most)}
    half_lives = {"type": "string", "enum": list(settings.popularity.half_lives_ms)}
    several = {"type": "array", "items": ident, "minItems": 1, "maxItems": most}
    path: Object = {"in": "path", "required": True}
    return _wishes(settings) | {
        "user": {"name": "user", **path, "schema": _asker(settings), "description": "user id; `session:{id}`: a guest"},
        "item": {"name": "item", **path, "schema": ident, "description": "item id, percent-encoded"},
        "file": {"name": "file", **path, "schema": TEXT, "description": "its name"},
        "n": _query("n", number, "how many items at most"),
        "category": _query("category", ident, "only items of this category"),
        "half_life": _query("half_life", half_lives, "how fast the past fades; the usual one if not given"),
        "viewer": _query("user", _asker(settings), "who will see the answer, for the impression log"),
        "preview": _query("preview", {"type": "boolean", "default": False}, "nobody sees it: no impression is logged"),
        "id": _query("id", several, "item ids: `id=a&id=b`") | {"required": True, "style": "form", "explode": True},
    }


def _wishes(settings: Settings) -> Object:
    """The parameters that any list takes."""
    ident = _identifier(settings)
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


def _identifier(settings: Settings) -> Object:
    """An id: printable characters."""
    longest = settings.events.max_id_length
    return {"type": "string", "minLength": 1, "maxLength": longest, "pattern": r"^[^\u0000-\u001f\u007f-\u009f]+$"}


def _asker(settings: Settings) -> Object:
    """Of a user, or ``session:`` and an id of a session."""
    return _identifier(settings) | {"maxLength": settings.events.max_id_length + len(SESSION_PREFIX)}


def _query(name: str, schema: Object, text: str) -> Object:
    return {"name": name, "in": "query", "schema": schema, "description": text}


def _several(name: str, schema: Object, text: str) -> Object:
    several = {"type": "array", "items": schema, "maxItems": MOST_NAMED}
    return _query(name, several, text) | {"style": "form", "explode": True}
