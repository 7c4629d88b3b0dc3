"""The parts together: poison, demotion and return; drift that hastens; what is published by which setting."""

import numpy as np
import pytest

from shared.contracts.settings import Settings, load_settings
from shared.core.arithmetic.draws import draws
from shared.core.kernel import Floats
from shared.core.learning.blend import Blend
from shared.core.learning.contender import HASTE
from shared.core.lists.features import feature_count
from shared.core.lists.sources import SOURCES
from tests.unit.core.problems import record

LADDER = {"half_lives_ms": {"6h": 6 * 3_600_000, "30d": 30 * 86_400_000}}
WIDTH = feature_count(2)
TOGETHER, NEXT, POPULAR = 2, 5, 3 * SOURCES
EXAMPLES = 8


def rules(contender: str = "softmax") -> Settings:
    return load_settings(popularity=LADDER, ranker={"contender": contender})


def choice(rng: np.random.Generator, columns: list[int], *, garbage: bool = False) -> Floats:
    """What some columns together put first was chosen; or the very last."""
    rows = rng.random((16, WIDTH))
    of_all = rows[:, columns].sum(axis=1)
    best = int(np.argmin(of_all) if garbage else np.argmax(of_all))
    rows[[0, best]] = rows[[best, 0]]
    return rows


class Stream:
    """A blend, and the records that it is shown."""

    def __init__(self, contender: str = "softmax") -> None:
        self.blend = Blend(rules(contender))
        self._rng = np.random.default_rng(1)
        self._offset = 0

    def show(self, n: int, *columns: int) -> list[str]:
        """``n`` records; what was published after each."""
        published = []
        for _ in range(n):
            told = record([choice(self._rng, list(columns)) for _ in range(EXAMPLES)], 3)
            self.blend.learn(*told, draws(self._offset, np.arange(EXAMPLES)))
            self._offset += 1
            published.append(self.blend.safety.published)
        return published

    def poison(self, n: int) -> None:
        """Records of what nobody would choose, each worth a thousand choices: learned behind the safety's back."""
        for _ in range(n):
            rows = [choice(self._rng, [TOGETHER, NEXT], garbage=True) for _ in range(EXAMPLES)]
            told, sizes, segments, worth = record(rows, 3)
            self.blend.contenders[0].learn(told, sizes, segments, 1000 * worth)


def test_a_good_blend_is_published_all_the_time() -> None:
    stream = Stream()
    assert set(stream.show(500, TOGETHER, NEXT)) == {"softmax"}
    assert stream.blend.weights() is stream.blend.contenders[0].average


def test_a_poisoned_ranker_is_demoted_and_comes_back() -> None:
    stream = Stream()
    stream.show(300, TOGETHER, NEXT)
    stream.poison(100)
    published = stream.show(2500, TOGETHER, NEXT)
    first = published.index("next") if "next" in published else published.index("together")
    assert first < 600
    assert published[first] != published[-1] == "softmax"


def test_while_demoted_the_source_alone_and_what_is_popular_rank() -> None:
    stream = Stream()
    stream.show(300, TOGETHER, NEXT)
    stream.poison(100)
    while stream.show(1, TOGETHER, NEXT) == ["softmax"]:
        pass
    held = stream.blend.weights()
    assert np.flatnonzero(held[0]).tolist() in ([TOGETHER, POPULAR], [NEXT, POPULAR])
    assert not held[1:].any()


@pytest.mark.parametrize(
    ("contender", "names"), [("softmax", ["softmax"]), ("logistic", ["logistic"]), ("best", ["softmax", "logistic"])]
)
def test_who_contends_is_a_setting(contender: str, names: list[str]) -> None:
    stream = Stream(contender)
    assert [each.name for each in stream.blend.contenders] == names
    stream.show(5, TOGETHER)
    assert {each.learned for each in stream.blend.contenders} == {5 * EXAMPLES}


def test_a_change_of_behaviour_hastens_every_contender() -> None:
    stream = Stream("best")
    stream.show(400, 7)
    assert (stream.blend.drift.changes, [each.haste for each in stream.blend.contenders]) == (0, [0, 0])
    published = stream.show(60, 9)
    assert (stream.blend.drift.changes, len(published)) == (1, 60)
    hastes = {each.haste for each in stream.blend.contenders}
    assert len(hastes) == 1
    assert 0 < hastes.pop() < HASTE
