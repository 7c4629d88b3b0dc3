"""`batch:{user}` views against `batch-list`: each holds what its user's last good record says, as of that record."""

import json
from collections.abc import Iterator
from typing import Any

from services.verify.shop import Shop, list_in
from shared.contracts.batch import SOURCE, decode_batch_list
from shared.contracts.errors import BadRecord
from shared.contracts.identity import canonical_item, normalise, normalise_user
from shared.contracts.settings import Settings
from shared.contracts.topics import BATCH_LIST
from shared.contracts.views import VIEW_VERSION, at

FIRST_SCORE = 10.0
DIGITS = 6  # of a score
COMPARED = ("v", "at", "ts", "source", "model", "items", "scores", "why", "user_id")
PART = "batch lists"
Said = dict[str, Any]


def check_batch_lists(shop: Shop) -> None:
    """Of who has a good record in the log, the view; of all others, none. Lists live for a while, so that one is gone
    is a difference only after a refresh. A good record that compaction took because a bad one, or one that a person
    left out, followed it is nowhere to be read: such a user's view is not judged. O(records of the topic) of memory.
    """
    end, committed = shop.end(BATCH_LIST, 0), shop.log.committed(shop.topic(BATCH_LIST), 0)
    if committed < end:
        shop.findings.not_compared.append(f"{PART}: {end - committed} records are behind")
        return
    expected, unclear = _expected(shop, end)
    prefix, findings = shop.keys.batch(""), shop.findings.of(PART)
    users = sorted(expected.keys() | set(shop.views.names(prefix)) - unclear)
    generation = at(shop.settings.generation, 0)[:7]
    for user, raw in zip(users, shop.read([prefix + user for user in users]), strict=True):
        found = shop.decoded(prefix + user, raw, _found)
        if raw is None:
            if shop.refreshed:
                findings.missing(prefix + user)
        elif found is not None and (shop.refreshed or found["at"].startswith(generation)):
            findings.mapping(prefix + user, expected.get(user, {}), found)


def _expected(shop: Shop, end: int) -> tuple[dict[str, Said], set[str]]:
    """What is said of users; those of whom only what does not count is left."""
    said: dict[str, Said] = {}
    unclear: set[str] = set()
    skipped = shop.skipped(BATCH_LIST, 0)
    for offset, key, value in _records(shop, end):
        user = _user(key, shop.settings)
        if user is None:
            continue
        told = None if offset in skipped or not value else _told(offset, user, value, shop.settings)
        if told is not None:
            said[user] = told
            unclear.discard(user)
        elif not value and offset not in skipped:
            said.pop(user, None)
            unclear.discard(user)
        elif user not in said:
            unclear.add(user)
    return said, unclear


def _records(shop: Shop, end: int) -> Iterator[tuple[int, bytes, bytes]]:
    topic = shop.topic(BATCH_LIST)
    first, _ = shop.log.bounds(topic, 0)
    for message in shop.log.messages(topic, 0, first, end, contiguous=False):
        key = message.key()
        yield int(message.offset() or 0), key if isinstance(key, bytes) else b"", message.value() or b""


def _user(key: bytes, rules: Settings) -> str | None:
    """None: nobody's."""
    try:
        return normalise_user(key.decode(), "user_id", rules.identity, rules.events.max_id_length) if key else None
    except (UnicodeDecodeError, BadRecord):
        return None


def _told(offset: int, user: str, value: bytes, rules: Settings) -> Said | None:
    """None of a record that breaks a rule, or says it is somebody else's."""
    try:
        if decode_batch_list(value, rules.events, rules.identity).user_id != user:
            return None
    except BadRecord:
        return None
    record = json.loads(value)
    names = [
        canonical_item(normalise(name, "items", rules.identity, rules.events.max_id_length), rules.identity)
        for name in record["items"]
    ]
    items, scores = _ranked(names, record.get("scores") or [])
    told = {"v": VIEW_VERSION, "at": at(rules.generation, offset), "ts": record.get("ts", 0), "user_id": user}
    return told | {"source": SOURCE, "model": SOURCE, "items": items, "scores": scores, "why": [SOURCE] * len(items)}


def _ranked(names: list[str], given: list[float]) -> tuple[list[str], list[float]]:
    """By falling score, equal ones as they stand; an item at its first place. Without scores, 10 / (10 + place)."""
    order = sorted(range(len(names)), key=lambda n: -given[n]) if given else list(range(len(names)))
    items: list[str] = []
    scores: list[float] = []
    for n in order:
        if names[n] not in items:
            scores.append(round(given[n] if given else FIRST_SCORE / (FIRST_SCORE + len(items)), DIGITS))
            items.append(names[n])
    return items, scores


def _found(raw: bytes) -> Said:
    view = list_in(raw)
    return {name: getattr(view, name) for name in COMPARED}
