import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.examples import EXAMPLES_VERSION, Examples
from shared.contracts.settings import Settings, load_settings
from shared.core.arithmetic.draws import draws
from shared.core.learning.learner import Learner, drawn
from shared.core.learning.safety import in_shadow
from shared.core.lists.features import SEGMENTS, feature_count

RULES = Settings()
WIDTH = feature_count(len(RULES.popularity.half_lives_ms))


def made(partition: int, offset: int, width: int = WIDTH, seed: int = 1) -> Examples:
    """Two examples of five and three items."""
    rows = np.random.default_rng(seed).random((8, width)).astype("<f2")
    return Examples(
        EXAMPLES_VERSION,
        partition,
        offset,
        width,
        0,
        np.array([5, 3], dtype="<i4").tobytes(),
        np.array([1, 4], dtype="<i4").tobytes(),
        np.array([1.0, 3.0], dtype="<f4").tobytes(),
        np.array([5, 3], dtype="<i4").tobytes(),
        rows.tobytes(),
    )


def test_a_frames_examples_are_learned_once_whoever_sends_them_again() -> None:
    learner = Learner(RULES)
    assert learner.step(0, made(3, 7))
    once = learner.blend.take()
    assert not learner.step(1, made(3, 7))
    assert not learner.step(2, made(3, 6))
    assert (learner.blend.take(), learner.blend.learned, learner.offset) == (once, 2, 2)
    assert learner.step(3, made(2, 7))
    assert learner.blend.learned == 4


def test_examples_of_another_number_of_features_teach_nothing_but_are_passed_by() -> None:
    learner = Learner(RULES)
    before = learner.blend.take()
    assert learner.step(0, made(0, 1, width=WIDTH - 2))
    assert (learner.blend.take(), learner.dirty, learner.sources) == (before, False, {0: 1})


def test_a_record_without_examples() -> None:
    learner = Learner(RULES)
    nothing = msgspec.structs.replace(made(0, 1), sizes=b"", segments=b"", weights=b"", candidates=b"", rows=b"")
    assert learner.step(0, nothing)
    assert learner.blend.learned == 0


def test_the_view_says_what_ranks() -> None:
    learner = Learner(RULES)
    learner.step(0, made(0, 1))
    view = learner.view()
    assert (view.learned, view.rows, view.matrix().shape) == (2, SEGMENTS, (SEGMENTS, WIDTH))
    assert view.matrix().tobytes() == learner.weights().tobytes()
    assert not (learner.weights() == Learner(RULES).weights()).all()


records = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 5), st.integers(0, 9)), max_size=8)


@pytest.mark.parametrize("contender", ["softmax", "logistic", "best"])
@settings(max_examples=15)
@given(told=records, cut=st.integers(0, 8))
def test_what_is_restored_goes_on_bit_for_bit(contender: str, told: list[tuple[int, int, int]], cut: int) -> None:
    rules = load_settings(ranker={"contender": contender})
    whole, parted = Learner(rules), Learner(rules)
    for number, (partition, offset, seed) in enumerate(told):
        if number == cut:
            saved, parted = parted.take(), Learner(rules)
            parted.restore(saved)
        for learner in (whole, parted):
            learner.step(number, made(partition, offset, seed=seed))
    assert parted.take() == whole.take()
    assert parted.view() == whole.view()


def test_an_examples_place_draws_it_whatever_it_holds() -> None:
    one, same, elsewhere, later = made(1, 7), made(1, 7, seed=2), made(2, 7), made(1, 8)
    assert drawn(one).tolist() == drawn(same).tolist()
    assert len({*drawn(one).tolist(), *drawn(elsewhere).tolist(), *drawn(later).tolist()}) == 6


def test_the_shadow_sample_is_another_one_than_that_of_events() -> None:
    """Of frames with one event each, of which one in twenty became an example: a twentieth of those, not all."""
    first = np.arange(1)
    taken = [offset for offset in range(20_000) if draws(offset, first)[0] % 20 == 0]
    shadowed = sum(int(in_shadow(drawn(made(0, offset)))[0]) for offset in taken)
    assert len(taken) > 900
    assert 25 < shadowed < 80
