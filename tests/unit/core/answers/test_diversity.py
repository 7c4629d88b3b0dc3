"""The laws of the order of an answer."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.answers.diversity import Kinds, Limits, diverse, familiarity
from shared.core.answers.fusion import RANK_SCORES
from tests.unit.core.arrangements import Problem, barred, kinds, likeness, outstanding, plainly, problems, some_kinds


@given(problems())
def test_the_kernel_comes_to_what_the_plain_way_comes_to(problem: Problem) -> None:
    assert problem.solved() == plainly(problem)


@given(problems())
def test_every_place_goes_to_another_and_only_limits_leave_one_free(problem: Problem) -> None:
    found = problem.solved()
    assert len(set(found)) == len(found) <= problem.n
    assert set(found) <= set(range(len(problem.relevance)))
    if len(found) < min(problem.n, len(problem.relevance)):
        assert all(barred(problem, found, i) for i in set(range(len(problem.relevance))) - set(found))


@given(problems(pinned=False, shares=False))
def test_at_no_strength_and_without_limits_the_list_keeps_its_order(problem: Problem) -> None:
    free = replace(problem, strength=0.0, limits=Limits())
    assert free.solved() == list(range(min(problem.n, len(problem.relevance))))


@given(problems(pinned=False))
def test_no_cap_is_exceeded(problem: Problem) -> None:
    found = problem.solved()
    for row, most in zip(problem.limits.groups, problem.limits.most, strict=True):
        for i in found:
            assert row[i] < 0 or sum(row[j] == row[i] for j in found) <= most[i]


@given(problems())
def test_what_is_pinned_stands_where_it_is_pinned_unless_there_is_too_little_above(problem: Problem) -> None:
    found = problem.solved()
    size = min(problem.n, len(problem.relevance))
    for place, item in problem.pins:
        if place < size:
            assert item in found
            if len(found) == size:
                assert found[place] == item


@given(problems(pinned=False))
def test_who_has_a_right_to_places_gets_them_as_far_as_there_are_candidates_and_places(problem: Problem) -> None:
    uncapped = replace(problem, limits=Limits(provider=problem.limits.provider, least=problem.limits.least))
    found = uncapped.solved()
    owed = outstanding(uncapped, [])
    if len(problem.relevance) >= len(found) >= sum(owed):
        assert not sum(outstanding(uncapped, found))
    else:
        assert all(problem.limits.provider[i] >= 0 for i in found)


def test_its_best_candidates_get_the_places_that_a_provider_has_a_right_to() -> None:
    made = kinds([[]] * 6, [-1] * 6)
    provider = np.array([-1, -1, -1, -1, 0, 0], dtype=np.int32)
    limits = Limits(provider=provider, least=np.array([1], dtype=np.int32))
    assert diverse(np.array(RANK_SCORES[:6]), made, 0.0, 3, limits=limits).tolist() == [0, 1, 4]


def test_what_was_pinned_above_counts_once() -> None:
    made = kinds([[0], [0], [1]], [-1, -1, -1])
    assert diverse(np.array(RANK_SCORES[:3]), made, 0.1, 3, pins=[(0, 0)]).tolist() == [0, 2, 1]


def test_more_strength_mixes_more_kinds_of_items() -> None:
    made = kinds([[0]] * 10 + [[1]] * 10 + [[2]] * 10, [-1] * 30)
    relevance = np.array(RANK_SCORES[:30])
    shown = [len(set(made.categories[diverse(relevance, made, s, 9), 0].tolist())) for s in (0.0, 0.3, 1.0)]
    assert shown == [1, 2, 3]


def test_who_looks_at_one_kind_only_is_not_kept_from_it() -> None:
    made = kinds([[0]] * 10 + [[1]] * 10, [-1] * 20)
    own = familiarity(made, kinds([[0]] * 4, [-1] * 4))
    relevance = np.array(RANK_SCORES[:20])
    assert diverse(relevance, made, 0.5, 5, familiar=own).tolist() == [0, 1, 2, 3, 4]
    assert diverse(relevance, made, 0.5, 5).tolist() != [0, 1, 2, 3, 4]


def test_what_points_the_same_way_is_alike() -> None:
    made = kinds([[], [], []], [-1, -1, -1], [[1, 0], [1, 0], [0, 1]])
    assert diverse(np.array(RANK_SCORES[:3]), made, 0.9, 3).tolist() == [0, 2, 1]


@given(st.integers(0, 6).flatmap(some_kinds), st.integers(0, 5).flatmap(some_kinds))
def test_familiar_is_the_mean_likeness_to_the_users_own(candidates: Kinds, recent: Kinds) -> None:
    found = familiarity(candidates, recent)
    m, r = len(candidates.brands), len(recent.brands)
    both = together(candidates, recent)
    expected = [sum(likeness(both, i, m + j) for j in range(r)) / max(r, 1) for i in range(m)]
    assert found.tolist() == pytest.approx(expected)


def together(one: Kinds, other: Kinds) -> Kinds:
    """Both as one; only if both have vectors, they are kept."""
    rows = [[c for c in row if c >= 0] for table in (one, other) for row in table.categories.tolist()]
    wide = one.vectors.shape[1] and other.vectors.shape[1]
    vectors = np.vstack([one.vectors, other.vectors]).tolist() if wide else None
    return kinds(rows, [*one.brands.tolist(), *other.brands.tolist()], vectors)
