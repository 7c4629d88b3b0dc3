import json
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts import reasons
from shared.contracts.catalogue import ItemRecord, UserRecord, decode_item, decode_user
from shared.contracts.errors import BadRecord
from shared.contracts.sections import EventSettings, IdentitySettings

RULES = EventSettings()
IDENTITY = IdentitySettings(aliases={"old": "new"})
Decode = Callable[[bytes, EventSettings, IdentitySettings], ItemRecord | UserRecord]


def item(**fields: object) -> ItemRecord:
    return decode_item(json.dumps({"item_id": "i"} | fields).encode(), RULES, IDENTITY)


def test_an_item_is_normalised() -> None:
    record = item(item_id=" old ", parent_id="old", categories=[" shoes "], price=3, unknown=1)
    assert (record.item_id, record.parent_id, record.categories, record.price) == ("new", "new", ["shoes"], 3.0)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"item_id": ""}, reasons.ID_EMPTY),
        ({"item_id": 5}, reasons.WRONG_TYPE),
        ({"v": 2}, reasons.UNKNOWN_VERSION),
        ({"categories": [str(n) for n in range(17)]}, reasons.TOO_MUCH_CONTEXT),
        ({"categories": ["\x07"]}, reasons.ID_UNPRINTABLE),
        ({"published_at": 1 << 70}, reasons.NOT_FINITE),
        ({"attributes": {"a": -(1 << 70)}}, reasons.NOT_FINITE),
        ({"attributes": {"a": []}}, reasons.WRONG_TYPE),
    ],
)
def test_bad_items(fields: dict[str, object], reason: str) -> None:
    with pytest.raises(BadRecord) as caught:
        item(**fields)
    assert caught.value.reason == reason


def test_a_user() -> None:
    record = decode_user(b'{"user_id": " u ", "attributes": {"age": 5}}', RULES, IDENTITY)
    assert (record.user_id, record.attributes) == ("u", {"age": 5})
    with pytest.raises(BadRecord, match=reasons.UNKNOWN_VERSION):
        decode_user(b'{"user_id": "u", "v": 0}', RULES, IDENTITY)


@pytest.mark.parametrize("decode", [decode_item, decode_user])
@given(raw=st.binary(max_size=100) | st.sampled_from([b'{"item_id":' + b"[" * 90_000, b'{"x":' + b"[" * 90_000]))
def test_any_bytes_are_a_record_or_a_bad_record(decode: Decode, raw: bytes) -> None:
    with suppress(BadRecord):
        decode(raw, RULES, IDENTITY)
