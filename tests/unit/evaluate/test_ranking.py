import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from services.evaluate import ranking
from services.evaluate.fill import HALF_LIVES, Fill
from services.evaluate.method import Query
from services.evaluate.past import Past
from services.evaluate.ranking import Ranker, filled, top_n
from shared.core.kernel import Floats, Ints
from tests.unit.evaluate import logs
from tests.unit.evaluate.methods import Popular

scores = st.lists(st.tuples(st.sampled_from([0.0, -1.0, 0.5, 1.0, 1.5, float("nan")]), st.booleans()), max_size=40)


@given(scores, st.integers(1, 12))
def test_the_best_n_that_are_allowed_ties_by_number(given_: list[tuple[float, bool]], n: int) -> None:
    values = np.array([score for score, _ in given_], dtype=np.float64)
    allowed = np.array([may for _, may in given_], dtype=np.bool_)
    ranked = sorted((-score, item) for item, (score, may) in enumerate(given_) if may and score > 0)
    assert top_n(values, allowed, n).tolist() == [item for _, item in ranked[:n]]


def test_the_kernel_is_its_plain_twin() -> None:
    rng = np.random.default_rng(3)
    values, allowed = rng.integers(0, 9, 200).astype(np.float64), rng.random(200) < 0.7
    sift = ranking._sift
    try:
        ranking._sift = sift.py_func  # type: ignore[attr-defined]
        plain = top_n.py_func(values, allowed, 20)  # type: ignore[attr-defined]
    finally:
        ranking._sift = sift
    assert plain.tolist() == top_n(values, allowed, 20).tolist()


def numbers(*items: int) -> Ints:
    return np.array(items, dtype=np.int32)


def test_a_short_list_is_filled_without_saying_anything_twice() -> None:
    assert filled(numbers(4, 2), numbers(2, 9, 4, 7, 8), 4).tolist() == [4, 2, 9, 7]


class Everything(Popular):
    unseen_too = True

    def score(self, query: Query, out: Floats) -> None:
        del query
        out += 1.0


def ranked(method: type[Popular], *, ahead: bool) -> list[int]:
    log = logs.of([logs.record("u", "b", 0)], {"a": ["x"], "b": ["x"], "c": ["x"]}, ahead=ahead)
    past = Past(log)
    tried = method(past)
    tried.learn(0)
    past.push(0)
    return list(Ranker(past).rank(tried, Query(0, logs.BEGIN, 0, numbers(2)), 5))


def test_unseen_items_are_ranked_where_asked_for_and_known_ahead() -> None:
    assert ranked(Popular, ahead=True) == [1]
    assert ranked(Everything, ahead=True) == [0, 1]
    assert ranked(Everything, ahead=False) == [1]


def test_the_fill_is_popularity_that_decays() -> None:
    log = logs.lines("u a", "v a", "w b")
    hour, ever = (Fill(Past(log), half_life) for half_life in (logs.MINUTE // 2, HALF_LIVES[-1]))
    for fill in (hour, ever):
        for event in range(3):
            fill.learn(event)
    query = Query(0, int(log.ts[2]), 2, numbers())
    assert hour.recommend(query, 5).tolist() == [1, 0]
    assert ever.recommend(query, 5).tolist() == [0, 1]
    assert ever.recommend(Query(0, int(log.ts[2]), 2, numbers(0)), 5).tolist() == [1]
