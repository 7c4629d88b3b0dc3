import math

import pytest

from shared.contracts.catalogue import ItemRecord
from shared.core.arithmetic.logarithm import exp2
from shared.core.items.category_members import MEMBERS
from shared.core.items.content import ALIKE
from shared.core.items.likeness import (
    ELSEWHERE,
    EMBEDDED,
    NEAR,
    POPULAR,
    POPULAR_ELSEWHERE,
    PRICE_ELSEWHERE,
    TITLE,
    UNKNOWN_DISTANCE,
)
from tests.unit.core.likes import TABLE, called, facts_of, found, hat, scores_of


def test_the_same_brand_is_worth_a_price_that_is_e_times_as_far() -> None:
    said = found([hat(1.0, "acme"), hat(math.e, "acme"), hat(1.0, "other")], 0)
    assert said[1] == pytest.approx(said[2], rel=0.03)


def test_an_unknown_price_is_as_far_as_a_factor_of_e_on_either_side() -> None:
    said = found([hat(1.0), hat(), hat(math.e), hat(1 / math.e)], 0)
    assert said[1] == pytest.approx(said[2], rel=0.03)
    assert said[2] == pytest.approx(said[3])
    assert list(found([hat(), hat(), hat(5.0)], 0).values()) == [exp2(-UNKNOWN_DISTANCE)] * 2


def test_no_brand_is_not_the_same_brand() -> None:
    assert found([hat(1.0), hat(1.0)], 0) == {1: 1.0}


def test_what_is_popular_comes_first() -> None:
    assert list(found([hat(), hat(), hat(), hat()], 0, [9.0, 1.0, 7.0, 3.0])) == [2, 3, 1]


def test_an_item_without_category_and_title_is_like_nothing() -> None:
    assert found([ItemRecord("a"), ItemRecord("b"), hat()], 0) == {}
    assert found([hat()], 0) == {}


def test_equal_scores_go_by_key_and_no_more_are_kept_than_the_bound() -> None:
    said = list(found([hat(1.0)] * (ALIKE + 20), 3))
    others = [n for n in range(ALIKE + 20) if n != 3]
    assert said == sorted(others, key=lambda n: int(TABLE.keys[n]))[:ALIKE]


def test_of_a_large_category_those_filed_last_are_looked_at() -> None:
    many = MEMBERS + 500
    said = found([hat(1.0)] * many, 0, [float(many - n) for n in range(many)])
    assert list(said) == list(range(500, 500 + ALIKE))


def test_a_namesake_is_like_an_item_once_whether_it_was_filed_lately_in_its_category_or_long_ago() -> None:
    early = [called("red fez", "hats") for _ in range(3)]
    shop = [*early, *[hat()] * (MEMBERS - 2), *[called("red fez", "hats")] * 2]
    said = found(shop, len(shop) - 1)
    assert set(list(said)[:4]) == {0, 1, 2, len(shop) - 2}
    assert len(said) == ALIKE


def test_a_title_that_is_shared_whole_is_worth_its_weight_and_a_part_less() -> None:
    said = found([hat(), *(called(title, "hats") for title in ("red fez", "red fez", "red cap", "old cap"))], 1)
    alone = exp2(-UNKNOWN_DISTANCE)
    assert list(said) == [2, 3, *sorted((0, 4), key=lambda n: int(TABLE.keys[n]))]
    assert said[2] == exp2(TITLE - UNKNOWN_DISTANCE)
    assert said[2] > said[3] > said[0] == said[4] == alone


def test_a_rare_term_weighs_more_than_a_common_one() -> None:
    said = found([called(title) for title in ("red fez", "red cap", "old fez", "red hat", "red tie")], 0)
    assert next(iter(said)) == 2
    assert said[2] > said[1]


def test_an_item_elsewhere_is_found_by_its_title_and_comes_after_the_same_in_the_category() -> None:
    titles = [("red fez", "hats"), ("red fez", "boats"), ("red fez", None), ("red fez", "hats"), ("old oar", "boats")]
    said = found([called(title, category) for title, category in titles], 0)
    assert (next(iter(said)), set(said)) == (3, {1, 2, 3})
    assert said[1] == said[2] == exp2(TITLE - PRICE_ELSEWHERE * UNKNOWN_DISTANCE - ELSEWHERE)


def test_elsewhere_popularity_weighs_more_and_price_less() -> None:
    records = [called("red fez", "hats"), called("old cap", "hats"), called("red fez", "boats")]
    said = found(records, 0, [0.0, 3.0, 3.0])
    assert said[1] == exp2(POPULAR * 2.0 - UNKNOWN_DISTANCE)
    assert said[2] == exp2(
        POPULAR_ELSEWHERE * 2.0 - PRICE_ELSEWHERE * UNKNOWN_DISTANCE - ELSEWHERE + TITLE,
    )
    assert PRICE_ELSEWHERE < 1.0 < POPULAR_ELSEWHERE / POPULAR


def test_lengths_that_were_reckoned_follow_every_change_of_a_title() -> None:
    facts = facts_of([called(title) for title in ("red fez", "red cap", "old fez", "old oar")])
    before = scores_of(facts)
    for title in ("red oar", "", "old oar"):
        facts.file(3, called(title))
        fresh = facts_of([called(name) for name in ("red fez", "red cap", "old fez", title)])
        assert scores_of(facts) == scores_of(fresh)
    assert scores_of(facts) == before


def test_nothing_of_a_look_is_left_for_the_next() -> None:
    facts = facts_of([called("red fez"), called("red cap")])
    assert scores_of(facts)
    assert not facts.titles.squares.any()
    assert not facts.titles.seen.any()


def test_what_was_named_is_not_left_out_of_the_next_look() -> None:
    facts = facts_of([neighboured("i1", "i2"), called("red fez"), called("red fez")])
    scores_of(facts, 0)
    assert set(scores_of(facts, 1)) == {2}
    assert not facts.titles.seen.any()


def embedded(*numbers: float, category: str = "hats") -> ItemRecord:
    return ItemRecord("e", categories=[category], embedding=list(numbers))


def test_what_points_the_same_way_comes_first_and_what_points_away_last() -> None:
    said = found([embedded(1, 0), embedded(0, 1), embedded(-1, 0), hat(), embedded(7, 0), embedded(1, 0, 0)], 0)
    alone = exp2(-UNKNOWN_DISTANCE)
    assert said == {
        4: exp2(EMBEDDED - UNKNOWN_DISTANCE), 1: alone, 3: alone, 5: alone, 2: exp2(-EMBEDDED - UNKNOWN_DISTANCE)
    }  # fmt: skip
    assert (next(iter(said)), list(said)[-1]) == (4, 2)


def test_an_embedding_finds_the_best_of_a_category_that_is_larger_than_the_list() -> None:
    shop = [embedded(1, 0), *[hat(brand="acme", price=1.0)] * (2 * ALIKE), embedded(1, 0.01)]
    assert next(iter(found(shop, 0))) == len(shop) - 1


def test_an_item_that_was_renamed_is_like_its_new_namesakes() -> None:
    facts = facts_of([called("red fez"), called("red fez"), called("old oar")])
    facts.file(1, called("old oar"))
    assert (list(scores_of(facts, 2)), scores_of(facts, 0)) == ([1], {})


def neighboured(*near: str, category: str | None = None) -> ItemRecord:
    return ItemRecord("n", categories=[category] if category else [], near=list(near))


ELSE = -PRICE_ELSEWHERE * UNKNOWN_DISTANCE - ELSEWHERE


def test_what_a_record_names_is_found_wherever_it_stands_the_first_best() -> None:
    shop = [neighboured("i2", "gone", "i1"), called("oar", "boats"), ItemRecord("t"), hat()]
    assert found(shop, 0) == {2: exp2(ELSE + NEAR), 1: exp2(ELSE + NEAR * 62 / 64)}
    assert list(found(shop, 0)) == [2, 1]
    assert found(shop, 1) == {}


def test_who_is_named_is_found_once_though_category_and_title_lead_there_too() -> None:
    shop = [ItemRecord("n", categories=["hats"], title="red fez", near=["i1", "i2"])]
    shop += [called("red fez", "hats"), called("red fez"), called("red fez", "hats")]
    said = found(shop, 0)
    assert said[1] == exp2(TITLE - UNKNOWN_DISTANCE + NEAR)
    assert said[2] == exp2(TITLE + ELSE + NEAR * 63 / 64)
    assert said[3] == exp2(TITLE - UNKNOWN_DISTANCE)
    assert len(said) == 3


def test_who_is_named_far_back_in_a_large_category_is_found() -> None:
    shop = [hat(1.0)] * (MEMBERS + 500)
    shop.append(ItemRecord("n", categories=["hats"], price=1.0, near=["i7"]))
    assert next(iter(found(shop, len(shop) - 1))) == 7


def test_what_is_named_is_followed_as_the_catalogue_changes() -> None:
    facts = facts_of([neighboured("i1", "i2"), *[ItemRecord("t")] * 2])
    assert list(scores_of(facts)) == [1, 2]
    facts.unfile(1)
    assert list(scores_of(facts)) == [2]
    facts.file(1, ItemRecord("t"))
    facts.file(0, neighboured("i1"))
    assert list(scores_of(facts)) == [1]
    facts.file(0, ItemRecord("n"))
    assert scores_of(facts) == {}
