import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.core.candidates import TRENDING, Lists, make_lists
from shared.core.interning import order_key

ITEMS = 40
KEYS = np.array([order_key(f"i{n}") for n in range(ITEMS)], dtype=np.uint64)


def lists_for(
    recent: list[int], excluded: list[int], rows: dict[int, list[tuple[int, float]]], trending: list[int], length: int
) -> Lists:
    width = max([len(r) for r in rows.values()], default=0) or 1
    neighbours = np.full((ITEMS, width), -1, dtype=np.int32)
    scores = np.zeros((ITEMS, width))
    lengths = np.zeros(ITEMS, dtype=np.int32)
    for item, row in rows.items():
        lengths[item] = len(row)
        for place, (other, score) in enumerate(row):
            neighbours[item, place], scores[item, place] = other, score
    return make_lists(
        np.array([recent], dtype=np.int32).reshape(1, -1),
        np.array(excluded, dtype=np.int32),
        np.array([0, len(excluded)], dtype=np.int32),
        neighbours,
        scores,
        lengths,
        np.array(trending, dtype=np.int32),
        KEYS,
        0.5,
        length,
    )


def plain(
    recent: list[int], excluded: list[int], rows: dict[int, list[tuple[int, float]]], trending: list[int], length: int
) -> list[int]:
    """The twin in plain Python."""
    sums: dict[int, float] = {}
    for rank, item in enumerate(recent):
        for other, score in rows.get(item, []):
            if other not in excluded:
                sums[other] = sums.get(other, 0.0) + 0.5**rank * score
    best = sorted(sums, key=lambda i: (-sums[i], int(KEYS[i])))[:length]
    return (best + [i for i in dict.fromkeys(trending) if i not in best and i not in excluded])[:length]


item = st.integers(0, ITEMS - 1)
row = st.lists(st.tuples(item, st.sampled_from([0.25, 0.5, 1.0])), max_size=8, unique_by=lambda p: p[0])


@settings(max_examples=100)
@given(
    st.lists(item, min_size=1, max_size=5, unique=True),
    st.lists(item, max_size=10),
    st.dictionaries(item, row, max_size=10),
    st.lists(item, max_size=20, unique=True),
    st.integers(1, 12),
)
def test_lists_equal_a_plain_python_twin(
    recent: list[int],
    excluded: list[int],
    rows: dict[int, list[tuple[int, float]]],
    trending: list[int],
    length: int,
) -> None:
    lists = lists_for(recent, excluded, rows, trending, length)
    n = int(lists.lengths[0])
    items, scores = lists.items[0, :n].tolist(), lists.scores[0, :n].tolist()
    assert items == plain(recent, excluded, rows, trending, length)
    assert not set(items) & set(excluded)
    assert scores == sorted(scores, reverse=True)


def test_what_tops_up_is_said_to() -> None:
    lists = lists_for([1], [1], {1: [(2, 1.0)]}, [2, 3, 4], 3)
    assert lists.items[0].tolist() == [2, 3, 4]
    assert lists.why[0].tolist() == [0, TRENDING, TRENDING]
