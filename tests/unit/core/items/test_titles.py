import unicodedata

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.verify.titles_oracle import WALKED, TitlesOracle, words
from shared.contracts.catalogue import ItemRecord
from shared.core.items.likeness import title_at_most, with_title
from shared.core.items.title_sharing import (
    SHARING,
    most_shared,
    shared_squares,
    squared_length,
    terms_in,
    unweigh,
    weigh,
)
from shared.core.items.title_sharing import sharing as walk
from shared.core.items.titles import NONE, TERMS, Titles, mark_of, terms_of
from shared.core.tables.interning import order_key

SLOTS = 6
Step = tuple[int, str | None]
"""A slot and its new title; None takes it away."""


def called(title: str, brand: str | None = None, categories: list[str] | None = None) -> ItemRecord:
    return ItemRecord("i", title=title, brand=brand, categories=categories or [])


def with_titles(titles: list[str], most_terms: int = 1000) -> Titles:
    held = Titles(len(titles), most_terms)
    for slot, title in enumerate(titles):
        held.file(slot, title.split())
    return held


def sharing(titles: Titles, slot: int) -> list[int]:
    terms = terms_in(titles)
    size = walk(slot, terms)
    assert not titles.seen.any()
    return [int(item) for item in terms.found[:size]]


def digests(titles: Titles, slot: int) -> list[int]:
    of = {number: digest for digest, number in titles.numbers.items()}
    return [of[number] for number in titles.terms[slot].tolist() if number != NONE]


def run(titles: Titles, steps: list[Step]) -> None:
    for slot, title in steps:
        titles.unfile(slot)
        if title is not None:
            titles.file(slot, terms_of(called(title)))


def run_twin(steps: list[Step], most_terms: int) -> tuple[TitlesOracle, list[int]]:
    twin, order = TitlesOracle(most_terms), dict[int, None]()
    for slot, title in steps:
        twin.unfile(str(slot))
        order.pop(slot, None)
        if title is not None:
            twin.file(str(slot), called(title))
            order[slot] = None
    return twin, list(order)


@pytest.mark.parametrize(
    ("title", "terms"),
    [
        ("WHITE HANGING HEART T-LIGHT HOLDER", ["white", "hanging", "heart", "light", "holder"]),
        ("Set of 6, 12cm (6 cm)", ["set", "of", "12cm", "cm"]),
        ("snake_case's Straße", ["snake", "case", "strasse"]),
        (unicodedata.normalize("NFD", "Fantômas"), ["fantômas"]),
        ("hat Hat HAT", ["hat"]),
        ("- / 7", []),
    ],
)
def test_terms_are_runs_of_letters_and_digits_without_case(title: str, terms: list[str]) -> None:
    assert terms_of(called(title)) == terms


def test_what_brand_and_categories_say_is_not_said_twice() -> None:
    record = called("Acme Deep-Red Hat, Large", brand="ACME Inc", categories=["wear", "Large hat"])
    assert terms_of(record) == ["deep", "red"]


def test_of_a_long_title_the_first_terms_count() -> None:
    record = called(" ".join(f"t{n}" for n in range(100)), categories=["t1"])
    assert terms_of(record) == ["t0", *(f"t{n}" for n in range(2, TERMS + 1))]


@given(st.text(max_size=40), st.none() | st.text(max_size=10), st.lists(st.text(max_size=5), max_size=2))
def test_terms_equal_a_plain_twin(title: str, brand: str | None, categories: list[str]) -> None:
    record = called(title, brand, categories)
    assert tuple(terms_of(record)) == words(record)


def test_items_that_share_the_rarest_term_are_found_first_and_each_once() -> None:
    titles = with_titles(["red fez", "red cap", "blue fez", "red hat", "red fez"])
    assert sharing(titles, 0) == [4, 2, 0, 3, 1]
    assert sharing(titles, 1) == [1, 4, 3, 0]


def test_of_a_common_term_those_filed_last_are_looked_at() -> None:
    many = SHARING + 100
    assert sharing(with_titles(["hat"] * many), 0) == list(range(many - 1, 99, -1))


def test_the_walk_ends_within_a_term_once_enough_were_met() -> None:
    rare = SHARING - 20
    titles = with_titles(["red big hat", *["red"] * (rare - 1), *["big"] * rare, *["hat"] * (2 * rare)])
    assert sharing(titles, 0) == [*range(rare - 1, -1, -1), *range(2 * rare - 1, 2 * rare - 21, -1)]


def test_a_term_beyond_the_bound_is_left_out_until_another_is_forgotten() -> None:
    titles = with_titles(["red hat", "red boat", ""], most_terms=2)
    assert digests(titles, 1) == [order_key("red")]
    titles.unfile(0)
    titles.file(2, ["boat"])
    assert digests(titles, 2) == [order_key("boat")]
    assert len(titles.numbers) == 2


title = st.lists(st.sampled_from(["red", "blue", "hat", "boat", "old", "fez"]), max_size=5, unique=True).map(" ".join)
steps = st.lists(st.tuples(st.integers(0, SLOTS - 1), st.one_of(st.none(), title, title)), max_size=40)
bounds = st.integers(1, 7)


@given(steps, bounds)
def test_titles_equal_a_plain_twin(steps: list[Step], most_terms: int) -> None:
    titles = Titles(SLOTS, most_terms)
    run(titles, steps)
    twin, _ = run_twin(steps, most_terms)
    assert WALKED == SHARING
    assert titles.titled == len(twin.terms)
    assert len(titles.numbers) == len({term for terms in twin.terms.values() for term in terms}) <= most_terms
    for slot in range(SLOTS):
        assert digests(titles, slot) == twin.digests(str(slot))
        assert sharing(titles, slot) == [int(item) for item in dict.fromkeys(twin.sharing(str(slot)))]


@given(steps, bounds)
def test_nothing_is_left_of_titles_that_are_taken_away(steps: list[Step], most_terms: int) -> None:
    titles = Titles(SLOTS, most_terms)
    run(titles, steps)
    run(titles, [(slot, None) for slot in range(SLOTS)])
    assert (titles.titled, titles.numbers, sorted(titles._free)) == (0, {}, list(range(1, 1 + len(titles._free))))
    assert (titles.terms == NONE).all()
    assert not titles.held_by.any()
    assert titles.newest.tolist() == [-1] * len(titles.newest)


@given(st.lists(st.lists(st.integers(0, 300).map("t{}".format), max_size=6).map(" ".join), min_size=2, max_size=60))
def test_by_its_marks_a_title_shares_no_less_than_it_does(named: list[str]) -> None:
    titles = Titles(len(named), 1000)
    run(titles, list(enumerate(named)))
    terms = terms_in(titles)
    weigh(0, terms)
    length, others = squared_length(0, terms), range(1, len(named))
    by_marks = [most_shared(0, titles.marks[slot], terms) for slot in others]
    shared = [shared_squares(slot, terms) for slot in others]
    assert all(most >= least or most == pytest.approx(least) for most, least in zip(by_marks, shared, strict=True))
    for slot in others:
        assert title_at_most(0, titles.marks[slot], length, terms) >= with_title(0.0, slot, length, terms)
    unweigh(0, terms)
    assert not titles.squares.any()


def test_terms_seldom_have_both_marks_in_common() -> None:
    marks = {(int(mark_of(term, 0)), int(mark_of(term, 1))) for term in range(1, 1001)}
    assert len(marks) >= 900
    assert all(first.bit_count() == second.bit_count() == 1 for first, second in marks)


@given(st.lists(title, min_size=SLOTS, max_size=SLOTS), st.permutations(range(SLOTS)))
def test_the_order_of_filing_decides_only_the_order_of_who_is_found(titles: list[str], order: list[int]) -> None:
    one, other = with_titles(titles), Titles(SLOTS, 1000)
    for slot in order:
        other.file(slot, titles[slot].split())
    for slot in range(SLOTS):
        assert digests(one, slot) == digests(other, slot)
        assert set(sharing(one, slot)) == set(sharing(other, slot))
    assert {d: one.held_by[n] for d, n in one.numbers.items()} == {
        d: other.held_by[n] for d, n in other.numbers.items()
    }


# a title with a term that was left out: what is restored must not know it either
@example(before=[(0, "red hat"), (1, "hat fez red")], after=[(2, "fez"), (1, None)], most_terms=2)
@given(before=steps, after=steps, most_terms=bounds)
def test_what_is_restored_goes_on_as_what_was_saved(before: list[Step], after: list[Step], most_terms: int) -> None:
    titles, again = Titles(SLOTS, most_terms), Titles(SLOTS, most_terms)
    run(titles, before)
    _, order = run_twin(before, most_terms)
    again.restore(titles.take(SLOTS), np.array(order, dtype=np.int64))
    assert again.take(SLOTS) == titles.take(SLOTS)
    for held in (titles, again):
        run(held, after)
    assert again.take(SLOTS) == titles.take(SLOTS)
    assert (again.titled, again.numbers.keys()) == (titles.titled, titles.numbers.keys())
    assert [sharing(again, slot) for slot in range(SLOTS)] == [sharing(titles, slot) for slot in range(SLOTS)]


def test_titles_keep_what_they_hold_when_they_grow() -> None:
    titles = with_titles(["red hat", "red fez"])
    titles.grow(5)
    titles.file(4, ["hat"])
    assert sharing(titles, 0) == [1, 0, 4]
    assert digests(titles, 4) == [order_key("hat")]
