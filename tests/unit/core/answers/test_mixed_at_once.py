"""A list mixed with what trends by one call, against :func:`shared.core.answers.fusion.fuse`."""

import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.views import SCORE_DIGITS, VIEW_VERSION, ItemView, View
from shared.core.answers.catalogue_columns import CatalogueColumns
from shared.core.answers.catalogue_entry import entry_of
from shared.core.answers.fusion import ADDED, TREND, fuse, ranking
from shared.core.answers.mixed_at_once import Blend, mixed_at_once, trending_texts

ITEMS = [f"i{n}" for n in range(12)]
LISTS = st.lists(st.sampled_from(ITEMS), max_size=14)
NOW = 1


def catalogue(items: list[str]) -> CatalogueColumns:
    columns = CatalogueColumns()
    for item in items:
        columns.put(item, entry_of(ItemView(VIEW_VERSION, "", item)))
    return columns


@given(LISTS, LISTS, LISTS, st.floats(0, 1), st.integers(1, 14))
def test_it_is_the_mix_of_lists(
    items: list[str], trending: list[str], seen: list[str], weight: float, most: int
) -> None:
    view = View(VIEW_VERSION, "", 0, "personal", "", items, [1.0] * len(items), [f"w{n}" for n in range(len(items))])
    view.seen = seen
    ranked = ranking(trending)
    expected = fuse(view, ranked, weight, frozenset(), most)
    columns, wanted = catalogue(ITEMS), len(expected.items)
    text, other = msgspec.json.encode(items), msgspec.json.encode(seen)
    blend = Blend(weight, most, most)
    size, arranged, places, scores = mixed_at_once(
        text, other, trending_texts(list(ranked.scores)), columns, blend, NOW, wanted, 0.0
    )
    assert size == len(items)
    assert [columns.names[slot] for slot in arranged[1].tolist()] == expected.items
    assert arranged[0].tolist() == list(range(wanted))
    assert [round(score, SCORE_DIGITS) for score in scores.tolist()] == expected.scores
    assert [TREND if n == ADDED else view.why[n] for n in places.tolist()] == expected.why


def test_what_is_not_in_memory_shows_nothing_if_it_is_judged() -> None:
    texts = trending_texts(["t", "u"])
    both = ["t", "u"]
    for known, candidates, strength, shown in (
        (both, 2, 0.0, 2),
        (both, 3, 0.0, 2),
        (both, 3, 0.5, 0),
        (["t"], 2, 0.0, 0),
    ):
        blend = Blend(0.9, 4, candidates)
        mixed = mixed_at_once(b'["a","b"]', b"[]", texts, catalogue(known), blend, NOW, 2, strength)
        assert mixed[0] == 2
        assert len(mixed[1][0]) == shown


def test_a_text_that_is_not_plain_shows_nothing() -> None:
    columns, texts, blend = catalogue(["a"]), trending_texts([]), Blend(0.5, 4, 4)
    for items, seen in ((b'["\\u0061"]', b"[]"), (b'["a"]', b'["\\u0061"]')):
        size, arranged, places, _ = mixed_at_once(items, seen, texts, columns, blend, NOW, 1, 0.0)
        assert (size, len(arranged[0]), len(places)) == (-1, 0, 0)
    assert np.array_equal(mixed_at_once(b'["a"]', b"[]", texts, columns, blend, NOW, 1, 0.0)[2], [0])
