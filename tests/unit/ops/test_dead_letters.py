"""Letters are sent back in transactions that are bounded in number and in bytes."""

from typing import cast

import pytest
from confluent_kafka import Message

from services.ops import dead_letters
from services.ops.dead_letters import batches
from tests.unit.streams.polled import Polled


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([], []),
        ([1, 1, 1, 1, 1], [[1, 1, 1], [1, 1]]),
        ([9, 1, 8, 2, 3, 20], [[9, 1], [8, 2], [3, 20]]),
        ([10, 1], [[10], [1]]),
    ],
)
def test_their_bounds(monkeypatch: pytest.MonkeyPatch, sizes: list[int], expected: list[list[int]]) -> None:
    monkeypatch.setattr(dead_letters, "BATCH", 3)
    monkeypatch.setattr(dead_letters, "BATCH_BYTES", 10)
    letters = [cast("Message", Polled("dead-letter", n, b"x" * size)) for n, size in enumerate(sizes)]
    assert [[len(letter) for letter in batch] for batch in batches(letters)] == expected
