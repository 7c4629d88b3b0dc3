"""Numbers of ids by their bytes, against a plain dictionary."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.kernel import Longs
from shared.core.texts import id_numbers
from shared.core.texts.id_numbers import NO, IdNumbers

TEXTS = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=3)


def laid_out(texts: list[str]) -> tuple[bytes, Longs]:
    ends = np.cumsum([len(text) for text in texts], dtype=np.int64)
    starts = ends - np.array([len(text) for text in texts], dtype=np.int64)
    return "".join(texts).encode(), np.stack([starts, ends], axis=1).reshape(-1, 2)


@given(st.lists(st.tuples(st.lists(TEXTS, min_size=1, max_size=20), st.lists(TEXTS, max_size=5)), max_size=4))
def test_an_id_has_one_number_however_it_comes(rounds: list[tuple[list[str], list[str]]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(id_numbers, "FIRST_ROOM", 1)
        numbers, expected = (
            IdNumbers(lambda text: None if text.startswith("x") else text.upper(), len),
            dict[str, int](),
        )
    for by_bytes, by_name in rounds:
        wanted = [NO if t.startswith("x") else expected.setdefault(t.upper(), len(expected)) for t in by_bytes]
        assert numbers.find(*laid_out(by_bytes)).tolist() == wanted
        for text in by_name:
            assert numbers.number(text) == expected.setdefault(text, len(expected))
            assert numbers.owner(text) == len(text)
    assert numbers.texts == list(expected)
    assert numbers.owners[: len(expected)].tolist() == [len(text) for text in expected]


def test_ids_of_one_digest_are_two() -> None:
    """Their bytes decide: the second is not found quickly, but it is found."""
    numbers = IdNumbers(lambda text: text)
    assert numbers.find(*laid_out(["ab", "cd", "ab"])).tolist() == [0, 1, 0]
    table, keys = numbers._index.table, numbers._keys
    table[table == 1], keys[0] = 0, keys[1]  # as if the second had the first one's
    assert numbers.find(*laid_out(["ab", "cd", "ab"])).tolist() == [0, 1, 0]


def test_what_was_forgotten_is_numbered_anew() -> None:
    numbers = IdNumbers(lambda text: text)
    numbers.find(*laid_out(["a", "b"]))
    numbers.clear()
    assert len(numbers) == 0
    assert numbers.find(*laid_out(["b", "a"])).tolist() == [0, 1]
