import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.settings import Settings
from shared.contracts.source_letters import CODES, letters_of
from shared.contracts.views import (
    AT_LENGTH,
    AT_START,
    ItemView,
    Keys,
    View,
    at,
    category_scope,
    decode_item_view,
    decode_view,
    encode_view,
)
from shared.core.lists.ranking import WHY

generations = st.integers(1, 999_999)
offsets = st.integers(0, 10**16 - 1)


def view(place: str) -> View:
    return View(1, place, 7, "personal", "cooc", ["a", "b"], [2.0, 1.5], ["cooc", "trend"], user_id="u")


@given(generations, offsets)
def test_at_stands_where_writers_compare_it(generation: int, offset: int) -> None:
    place = at(generation, offset)
    for raw in (encode_view(view(place)), encode_view(ItemView(1, place, "i"))):
        assert raw[AT_START : AT_START + AT_LENGTH].decode() == place
        assert raw[AT_START + AT_LENGTH : AT_START + AT_LENGTH + 1] == b'"'


@given(st.tuples(generations, offsets), st.tuples(generations, offsets))
def test_text_order_is_number_order(one: tuple[int, int], other: tuple[int, int]) -> None:
    assert (at(*one) < at(*other)) == (one < other)


def test_a_view_is_plain_json_and_comes_back() -> None:
    raw = encode_view(view(at(1, 5)))
    assert json.loads(raw) == {
        "v": 1,
        "at": "000001-0000000000000005",
        "ts": 7,
        "source": "personal",
        "model": "cooc",
        "items": ["a", "b"],
        "scores": [2.0, 1.5],
        "why": ["cooc", "trend"],
        "user_id": "u",
    }
    assert decode_view(raw) == view(at(1, 5))
    assert decode_view(raw[:-1] + b',"new":1}') == view(at(1, 5))


def test_a_list_that_is_stored_shorter_is_read_as_it_is() -> None:
    raw = encode_view(view(at(1, 5)))
    short = raw.replace(b'"why":["cooc","trend"]', b'"by":"tr"')[:-1] + b',"seen":["c","d","e"],"newest":2}'
    found = decode_view(short)
    assert (found.why, found.seen, found.recent) == (["together", "trend"], ["c", "d", "e"], ["c", "d"])
    assert decode_view(encode_view(found)) == found, "and is told in full"


def test_a_letter_that_stands_for_nothing_is_named() -> None:
    raw = encode_view(view(at(1, 5))).replace(b'"why":["cooc","trend"]', b'"by":"t!"')
    with pytest.raises(msgspec.ValidationError, match="by: no source has the letter '!'"):
        decode_view(raw)
    with pytest.raises(KeyError, match="cooc"):
        letters_of(["together", "cooc"])


def test_every_source_has_a_letter_of_its_own() -> None:
    assert len(set(CODES.values())) == len(CODES)
    assert {*WHY, "batch"} == set(CODES.values())


def test_an_item_view_comes_back() -> None:
    item = ItemView(1, at(1, 5), "i", title="Tea", categories=["drinks"], price=3.5, available=False)
    assert decode_item_view(encode_view(item)) == item


def test_keys() -> None:
    keys = Keys(Settings())
    scope = category_scope("shoes")
    assert [keys.rec("u"), keys.sim("i"), keys.item("i"), keys.trending(scope), keys.popular("all")] == [
        "rec:u",
        "sim:i",
        "item:i",
        "trending:category:shoes",
        "popular:all",
    ]
    assert (keys.trending("all", "1h"), keys.trending_zset("all")) == ("trending@1h:all", "ztrending:all")
    assert Keys(Settings(tenant="shop")).rec("u") == "shop:rec:u"


@given(st.lists(st.text(":@az", max_size=6), min_size=2, max_size=2, unique=True))
def test_no_two_things_share_a_key(names: list[str]) -> None:
    """Whatever a category is called: a list under the key of a ZSET would fail in Redis."""
    keys = Keys(Settings())
    every = [
        key
        for name in names
        for scope in [category_scope(name)]
        for key in (keys.trending(scope), keys.trending(scope, "1h"), keys.trending_zset(scope), keys.popular(scope))
    ]
    assert len(set(every)) == len(every)
