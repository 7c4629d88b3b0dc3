import numpy as np

from shared.core.profiles.prequential import PublishedLists
from shared.core.profiles.profiles import Tries
from shared.core.tables.interning import order_key


def keys(*items: str) -> np.ndarray:
    return np.array([order_key(i) for i in items], dtype=np.uint64)


def put(lists: PublishedLists, user: int, *items: str) -> None:
    lists.put(np.array([user]), keys(*items)[None, :], np.array([len(items)], dtype=np.int32))


def test_only_users_with_a_list_are_tried_and_hits_are_counted_apart() -> None:
    lists = PublishedLists()
    put(lists, 2000, "a", "b")
    tries = Tries(np.array([2000, 2000, 2000, 7], dtype=np.int32), keys("b", "x", "p", "a"))
    assert lists.hits(tries, keys("p", "q")) == (3, 1, 1)


def test_a_hit_must_be_among_the_first_twenty() -> None:
    lists = PublishedLists()
    put(lists, 0, *[f"i{n}" for n in range(30)])
    tries = Tries(np.zeros(2, dtype=np.int32), keys("i19", "i20"))
    assert lists.hits(tries, keys()) == (2, 1, 0)


def test_an_empty_list_and_what_stands_beyond_its_length_are_no_list() -> None:
    lists = PublishedLists()
    put(lists, 3, "a")
    lists.put(np.array([3, 4]), np.array([keys("a", "b"), keys("a", "b")]), np.array([0, 1], dtype=np.int32))
    tries = Tries(np.array([3, 4, 4], dtype=np.int32), keys("a", "a", "b"))
    assert lists.hits(tries, keys()) == (2, 1, 0)
