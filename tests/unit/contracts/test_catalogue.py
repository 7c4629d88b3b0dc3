import json
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts import reasons
from shared.contracts.catalogue import ItemRecord, Market, UserRecord, decode_item, decode_user
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
        ({"attributes": {str(n): n for n in range(33)}}, reasons.TOO_MUCH_CONTEXT),
        ({"attributes": {"a": "x" * 257}}, reasons.TOO_LARGE),
        ({"attributes": {"a" * 257: 1}}, reasons.TOO_LARGE),
        ({"tags": [str(n) for n in range(33)]}, reasons.TOO_MUCH_CONTEXT),
        ({"tags": "organic"}, reasons.WRONG_TYPE),
        ({"tags": ["ok", "x" * 257]}, reasons.ID_TOO_LONG),
        ({"seller": " "}, reasons.ID_EMPTY),
        ({"seller": 5}, reasons.WRONG_TYPE),
        ({"price": -0.01}, reasons.WRONG_TYPE),
        ({"price": "12"}, reasons.WRONG_TYPE),
        ({"markets": {str(n): {} for n in range(65)}}, reasons.TOO_MUCH_CONTEXT),
        ({"markets": {"SE\x07": {}}}, reasons.ID_UNPRINTABLE),
        ({"markets": {"SE": {"price": "12"}}}, reasons.WRONG_TYPE),
        ({"markets": {"SE": {"price": -1}}}, reasons.WRONG_TYPE),
        ({"markets": {"SE": {"available": 1}}}, reasons.WRONG_TYPE),
        ({"markets": {"SE": 129.0}}, reasons.WRONG_TYPE),
        ({"embedding": [0.0] * 1025}, reasons.TOO_MUCH_CONTEXT),
        ({"embedding": [0.5, "1"]}, reasons.WRONG_TYPE),
        ({"embedding": [0.5, None]}, reasons.WRONG_TYPE),
        ({"near": [str(n) for n in range(51)]}, reasons.TOO_MUCH_CONTEXT),
        ({"near": ["a", "b", " a"]}, reasons.WRONG_TYPE),
        ({"near": ["a", "i"]}, reasons.WRONG_TYPE),
        ({"near": [" "]}, reasons.ID_EMPTY),
        ({"near": [5]}, reasons.WRONG_TYPE),
        ({"title": "x" * 4097}, reasons.TOO_LARGE),
        ({"brand": "x" * 4097}, reasons.TOO_LARGE),
        ({"attributes": {f"{n:0256}": "\x01" * 256 for n in range(32)}}, reasons.TOO_LARGE),
    ],
)
def test_bad_items(fields: dict[str, object], reason: str) -> None:
    with pytest.raises(BadRecord) as caught:
        item(**fields)
    assert caught.value.reason == reason
    assert (caught.value.field or "").partition(".")[0].partition("[")[0] in {*fields, ""}


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
@pytest.mark.parametrize("field", ['"price":{}', '"embedding":[0.5,{}]', '"markets":{{"SE":{{"price":{}}}}}'])
def test_numbers_that_are_none(field: str, number: str) -> None:
    raw = f'{{"item_id":"i",{field.format(number)}}}'.encode()
    with pytest.raises(BadRecord, match=reasons.NOT_FINITE):
        decode_item(raw, RULES, IDENTITY)


def test_all_that_is_said_of_an_item_is_kept() -> None:
    record = item(
        description="x" * 5000,
        tags=[" new ", "caf\u0065\u0301"],
        seller=" leaf ",
        markets={" SE ": {"price": 129, "unknown": []}, "DK": {"available": False}},
        embedding=[1, -0.5],
        attributes={"grams": 100, "kind": "sencha", "loose": True, "left": None},
        price=0,
    )
    assert (record.tags, record.seller, len(record.description)) == (["new", "caf\u00e9"], "leaf", 5000)
    assert record.markets == {"SE": Market(price=129.0), "DK": Market(available=False)}
    assert (record.embedding, record.price) == ([1.0, -0.5], 0.0)
    assert record.attributes == {"grams": 100, "kind": "sencha", "loose": True, "left": None}


def test_what_is_near_is_named_as_items_are_and_has_room_beside_all_else() -> None:
    assert item(near=[" old ", "caf\u0065\u0301"]).near == ["new", "caf\u00e9"]
    assert len(item(near=[f"{n:0250}" for n in range(50)], title="\x01" * 4096, brand="\x01" * 4000).near) == 50
    with pytest.raises(BadRecord, match="near itself"):
        item(item_id="new", near=["old"])
    with pytest.raises(BadRecord, match="named twice"):
        item(near=["new", "old"])


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
