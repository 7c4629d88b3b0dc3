import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.rank_views import TasteView
from shared.core.arithmetic.draws import draws
from shared.core.kernel import Keys
from shared.core.learning.taste import BY_ITEM, FIRST_INNER, MATURE, Taste
from shared.core.lists.held_taste import HeldTaste
from shared.core.lists.taste_kernels import (
    BESIDE,
    BIAS_RATE,
    RATE,
    REMEMBERED,
    RIDGE,
    SIZE,
    best_by_taste,
    draw_beside,
    taste_scores,
)
from shared.core.profiles.taste_steps import Sequences
from shared.core.tables.interning import order_key
from shared.core.texts.carried_ids import ids_of

ITEMS = [f"i{n}" for n in range(30)]


def met(*users: tuple[list[str], list[str]]) -> Sequences:
    """Of each: the history, then what was met."""
    names = list(dict.fromkeys(item for past, new in users for item in [*past, *new]))
    columns = (
        [len(past) + len(new) for past, new in users],
        [len(new) for _, new in users],
        [names.index(item) for past, new in users for item in [*past, *new]],
    )
    return Sequences(ids_of(names), *(np.array(column, dtype=np.int32) for column in columns))


def drawn(steps: Sequences, place: int = 1) -> Keys:
    return draws(place, np.arange(int(steps.steps.sum())))


def taught(*records: Sequences, bound: int = 100) -> Taste:
    taste = Taste(bound)
    for place, record in enumerate(records):
        taste.learn(record, drawn(record, place))
    return taste


class PlainTaste:
    """The same in plain numbers, item by name."""

    def __init__(self, like: Taste) -> None:
        self.inner = {name: like.inner[slot].astype(float) for name, slot in like.items.slots.items()}
        self.outer = {name: like.outer[slot].astype(float) for name, slot in like.items.slots.items()}
        self.bias = {name: float(like.bias[slot]) for name, slot in like.items.slots.items()}
        self.inner_squares = {name: float(like.inner_squares[slot]) for name, slot in like.items.slots.items()}
        self.outer_squares = {name: float(like.outer_squares[slot]) for name, slot in like.items.slots.items()}

    def learn(self, past: list[str], against: list[str]) -> None:
        user = np.sum([self.inner[item] for item in past], axis=0) / np.sqrt(len(past))
        scores = np.array([self.bias[item] + user @ self.outer[item] for item in against])
        chances = np.exp(scores - scores.max())
        errors = -chances / chances.sum()
        errors[0] += 1.0
        pull = np.sum([error * self.outer[item] for item, error in zip(against, errors, strict=True)], axis=0)
        for item, error in zip(against, errors, strict=True):
            self.outer_squares[item] += error**2 * (user @ user) / SIZE
            rate = RATE / np.sqrt(self.outer_squares[item])
            self.outer[item] = self.outer[item] + rate * (error * user - RIDGE * self.outer[item])
            self.bias[item] += BIAS_RATE * (error - RIDGE * self.bias[item])
        pull = pull / np.sqrt(len(past))
        for item in past:
            self.inner_squares[item] += (pull @ pull) / SIZE
            rate = RATE / np.sqrt(self.inner_squares[item])
            self.inner[item] = self.inner[item] + rate * (pull - RIDGE * self.inner[item])


def test_one_step_equals_a_plain_twin() -> None:
    taste = taught(met((ITEMS[:20], ITEMS[20:])), met((ITEMS[5:9], ITEMS[:3])))
    plain, step = PlainTaste(taste), met((ITEMS[:4], ["i9"]))
    against = np.empty(BESIDE + 1, dtype=np.int32)
    against[0] = taste.items.slots["i9"]
    past = taste.items.find(ITEMS[:4])
    size = draw_beside(against, past, drawn(step)[0], taste.live, len(taste.items.names))
    plain.learn(ITEMS[:4], [taste.items.names[slot] for slot in against[:size].tolist()])
    taste.learn(step, drawn(step))
    for name, slot in taste.items.slots.items():
        assert taste.inner[slot] == pytest.approx(plain.inner[name], abs=1e-5)
        assert taste.outer[slot] == pytest.approx(plain.outer[name], abs=1e-5)
        assert taste.bias[slot] == pytest.approx(plain.bias[name], abs=1e-5)
        assert taste.inner_squares[slot] == pytest.approx(plain.inner_squares[name], abs=1e-5)
        assert taste.outer_squares[slot] == pytest.approx(plain.outer_squares[name], abs=1e-5)


def test_what_is_drawn_is_live_neither_chosen_nor_in_the_history() -> None:
    taste = taught(met((ITEMS[:20], ITEMS[20:])))
    taste.live[taste.items.slots["i29"]] = False
    past, against = taste.items.find(ITEMS[:20]), np.empty(BESIDE + 1, dtype=np.int32)
    against[0] = taste.items.slots["i20"]
    allowed = set(taste.items.find(ITEMS[21:29]).tolist())
    sizes = [draw_beside(against, past, draw, taste.live, len(taste.items.names)) for draw in draws(3, np.arange(50))]
    assert {int(item) for item in against[1 : sizes[-1]]} <= allowed
    assert min(sizes) >= 1


def test_only_what_is_new_after_something_is_a_step() -> None:
    assert taught(met(([], ["a"]))).learned == 0
    assert taught(met(([], ["a", "b", "a", "b", "c"]))).learned == 2
    assert taught(met((["a"], ["a"]), (["b"], ["a"]))).learned == 1


def test_a_history_is_looked_back_on_only_so_far() -> None:
    long = [f"x{n}" for n in range(REMEMBERED + 5)]
    taste = taught(*[met((long, ["new"]))] * 3)  # before the first one outer vectors say nothing
    first = Taste(100)
    first.learn(met((long, ["x1"])), drawn(met((long, ["x1"]))))  # it has left what is looked back on: a step
    assert first.learned == 1
    unmoved = [taste.inner_squares[taste.items.slots[name]] == 1.0 for name in long]
    assert unmoved == [True] * 5 + [False] * REMEMBERED


def test_what_is_taken_together_is_told_apart_from_what_is_not() -> None:
    """Two crowds with tastes of their own: of whoever has met some of one, the rest of it stands above the other."""
    left, right = ITEMS[:15], ITEMS[15:]
    rng = np.random.default_rng(7)
    records = [
        met(*((list(rng.permutation(side)[:6]), list(rng.permutation(side)[6:9])) for side in (left, right)))
        for _ in range(200)
    ]
    view = taught(*records).view()
    assert view is not None
    held, names = HeldTaste(len(view.items)), view.items
    held.put(view, np.arange(len(names), dtype=np.int32))
    scores = np.zeros(len(names), dtype=np.float32)
    recent = np.array([names.index(item) for item in left[:5]], dtype=np.int32)
    assert taste_scores(recent, held.place_of, held.inner, held.outer, held.bias, scores) == 5
    of = {name: float(scores[names.index(name)]) for name in names}
    assert min(of[name] for name in left[5:]) > max(of[name] for name in right)


@settings(max_examples=25)
@given(st.lists(st.lists(st.sampled_from(ITEMS), min_size=2, max_size=8), min_size=1, max_size=8), st.integers(1, 7))
def test_a_restored_state_goes_on_as_if_nothing_had_happened(sequences: list[list[str]], cut: int) -> None:
    records = [met((one[:1], one[1:])) for one in sequences]
    whole, first = taught(*records, bound=12), taught(*records[:cut], bound=12)
    again = Taste.restore(12, first.take())
    for place, record in enumerate(records[cut:], start=cut):
        again.learn(record, drawn(record, place))
    assert again.take() == whole.take()
    assert len(whole.items) <= 12
    for name in BY_ITEM:
        assert np.isfinite(getattr(whole, name)).all()


def test_an_item_that_lost_its_vector_begins_anew() -> None:
    taste = taught(met((["a"], ["b"])), *[met(([f"x{n}"], [f"y{n}"])) for n in range(10)], bound=6)
    assert "a" not in taste.items.slots
    taste.learn(met((["a"], [])), drawn(met((["a"], []))))
    slot = taste.items.slots["a"]
    digits = draws(order_key("a"), np.arange(SIZE)) >> np.uint64(11)
    assert taste.inner[slot] == pytest.approx((digits / 2.0**52 - 1.0) * FIRST_INNER)
    assert np.abs(taste.inner[slot]).max() <= FIRST_INNER
    assert not taste.outer[slot].any()


def test_nothing_is_said_before_enough_was_learned() -> None:
    step = met((["a", "b"], ["c"]))
    taste = taught(*[step] * (MATURE - 1))
    assert taste.view() is None
    taste.learn(step, drawn(step))
    view = taste.view()
    assert view is not None
    assert (view.learned, view.items) == (MATURE, ["a", "b", "c"])


@settings(max_examples=50)
@given(st.lists(st.integers(-3, 3), min_size=1, max_size=70), st.sets(st.integers(0, 69)), st.integers(0, 9))
def test_the_best_are_those_of_a_sort(said: list[int], barred: set[int], seed: int) -> None:
    slots = np.random.default_rng(seed).permutation(100)[: len(said)].astype(np.int32)
    keys = np.random.default_rng(seed + 1).integers(0, 2**63, 100).astype(np.uint64)
    position = np.full(100, -1, dtype=np.int32)
    position[sorted(barred)] = -2
    best, scores = np.empty(50, dtype=np.int32), np.empty(50)
    size = best_by_taste(
        np.array(said, dtype=np.float32), slots, position, keys, best, scores, np.zeros(len(best), dtype=np.uint64)
    )
    entries = [
        (-score, int(keys[slot]), int(slot)) for score, slot in zip(said, slots, strict=True) if slot not in barred
    ]
    assert best[:size].tolist() == [slot for _, _, slot in sorted(entries)[:50]]
    assert scores[:size].tolist() == [-score for score, _, _ in sorted(entries)[:50]]


def test_vectors_of_another_size_are_none() -> None:
    held = HeldTaste(4)
    odd = np.ones((2, SIZE + 1), dtype="<f2").tobytes()
    held.put(TasteView(1, ["a", "b"], odd, odd, np.ones(2, dtype="<f4").tobytes()), np.array([1, 2], dtype=np.int32))
    assert (held.place_of == -1).all()
    assert held.outer.shape == (SIZE, 0)
