"""The laws of the list that is served."""

from hypothesis import example, given
from hypothesis import strategies as st

from shared.contracts.sections import ReaderSettings
from shared.contracts.views import View, at
from shared.core.answers.fusion import LIVE_MS, NO_RANKING, Picked, event_now, fuse, moment, ranking, trending_weight

RULES = ReaderSettings(trending_weight=0.5, trending_half_age_ms=1000)
IDS = st.lists(st.sampled_from("abcdefghijkl"), max_size=8)
SETS = st.frozensets(st.sampled_from("abcdefghijkl"), max_size=3)
WEIGHTS = st.floats(0, 1)


def view(items: list[str], seen: list[str] | None = None, why: list[str] | None = None, ts: int = 0) -> View:
    scores = [float(len(items) - place) for place in range(len(items))]
    return View(1, at(1, 1), ts, "personal", "m", items, scores, why or ["cooc"] * len(items), seen=seen or [])


@given(IDS, IDS, SETS, SETS, WEIGHTS, st.integers(0, 18))
def test_a_mix_holds_each_item_once_best_first_and_nothing_barred(
    stored: list[str], trending: list[str], seen: frozenset[str], gone: frozenset[str], weight: float, n: int
) -> None:
    mixed = fuse(view(stored, sorted(seen)), ranking(trending), weight, gone, n)
    assert len(mixed.items) == len(set(mixed.items)) == len(mixed.scores) == len(mixed.why)
    assert len(mixed.items) <= n
    assert mixed.scores == sorted(mixed.scores, reverse=True)
    assert gone.isdisjoint(mixed.items)
    assert set(mixed.items) <= set(stored) | (set(trending) - seen)
    possible = (set(stored) | (set(trending) - seen)) - gone
    assert len(mixed.items) == min(n, len(possible))


@given(IDS, IDS, SETS, SETS, st.integers(1, 18))
def test_a_fresh_list_keeps_its_order_and_trending_fills_it_up(
    stored: list[str], trending: list[str], seen: frozenset[str], gone: frozenset[str], n: int
) -> None:
    mixed = fuse(view(stored, sorted(seen)), ranking(trending), trending_weight(0, RULES), gone, n)
    own = [item for item in dict.fromkeys(stored) if item not in gone]
    fill = [item for item in dict.fromkeys(trending) if item not in gone | seen | set(own)]
    assert mixed.items == (own + fill)[:n]


@given(IDS, IDS, WEIGHTS, st.integers(1, 18))
@example(["a"], ["a", "b"], 0.5, 2)
def test_fewer_items_are_the_head_of_more(stored: list[str], trending: list[str], weight: float, n: int) -> None:
    whole = fuse(view(stored), ranking(trending), weight, frozenset(), 100)
    head = fuse(view(stored), ranking(trending), weight, frozenset(), n)
    assert head == Picked(whole.items[:n], whole.scores[:n], whole.why[:n])


def test_the_older_the_list_the_higher_what_trends() -> None:
    stored, trending = [f"p{n:02}" for n in range(20)], ranking(["t"])
    places = [
        fuse(view(stored), trending, trending_weight(age, RULES), frozenset(), 30).items.index("t")
        for age in (0, 200, 500, 1000, 10_000, 1_000_000)
    ]
    assert places == sorted(places, reverse=True)
    assert places[0] == 20
    assert places[-1] == 0  # at equal weight and rank, what trends comes first


def test_an_item_of_both_lists_rises() -> None:
    assert fuse(view(["a", "b", "c"]), ranking(["c"]), 0.5, frozenset(), 3).items == ["c", "a", "b"]


def test_reasons_follow_their_items() -> None:
    mixed = fuse(view(["a", "b"], why=["cooc", "trend"]), ranking(["b", "z"]), 0.5, frozenset(), 3)
    assert dict(zip(mixed.items, mixed.why, strict=True)) == {"a": "cooc", "b": "trend", "z": "trend"}


def test_a_list_without_reasons_gives_none() -> None:
    assert fuse(view(["a"], why=["one", "too many"]), NO_RANKING, 0.2, frozenset(), 3).why == [""]


@given(st.integers(-1000, 10**12))
def test_the_weight_of_trending_stays_within_its_bounds(age: int) -> None:
    assert 0 <= trending_weight(age, RULES) <= RULES.trending_weight
    assert trending_weight(age, RULES) <= trending_weight(age + 1, RULES)


def test_the_weight_at_the_half_age() -> None:
    assert trending_weight(0, RULES) == 0
    assert trending_weight(1000, RULES) == 0.25


def test_time_is_that_of_the_events_and_never_ahead_of_the_clock() -> None:
    assert event_now(5000, None) == 5000
    assert event_now(5000, 3000) == 3000, "a replayed log: its own time"
    assert event_now(5000, 9000) == 5000, "an event dated ahead ages nothing"


def test_what_has_a_time_of_its_own_goes_by_the_clock_unless_an_old_log_is_replayed() -> None:
    now = 2 * LIVE_MS
    assert moment(now, None) == now
    assert moment(now, now - LIVE_MS) == now, "a quiet shop"
    assert moment(now, now - LIVE_MS - 1) == now - LIVE_MS - 1, "a replayed log: its own time"
    assert moment(now, now + 9) == now
