"""The owner of a user is part of the state format: if one of these numbers changes, users lose their state."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.routing import partition_of, partitions_of

PARTITIONS = (1, 3, 4, 12, 64, 256)
PINNED = {
    "": (0, 0, 0, 0, 0, 0),
    "u": (0, 1, 3, 7, 19, 83),
    "u1": (0, 0, 1, 9, 57, 57),
    "user-42": (0, 1, 1, 1, 53, 117),
    "session:9f8e": (0, 2, 3, 11, 7, 71),
    "123456789": (0, 2, 2, 2, 18, 210),
    "café": (0, 0, 0, 0, 24, 24),
    "Ωmega": (0, 2, 1, 5, 53, 117),
    "日本語": (0, 1, 2, 10, 46, 238),
    "😀": (0, 0, 1, 9, 9, 9),
    "a" * 256: (0, 0, 0, 0, 36, 36),
}


@pytest.mark.parametrize(("text", "owners"), PINNED.items())
def test_owners_never_change(text: str, owners: tuple[int, ...]) -> None:
    assert tuple(partition_of(text, partitions) for partitions in PARTITIONS) == owners


def test_the_check_value_of_crc32() -> None:
    """0xCBF43926 is the published check value of CRC-32 over "123456789"."""
    assert partition_of("123456789", 1 << 32) == 0xCBF43926 ^ 0xCBF4


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(1, 256))
def test_every_id_has_an_owner(text: str, partitions: int) -> None:
    assert 0 <= partition_of(text, partitions) < partitions


@pytest.mark.parametrize("partitions", [2, 3, 4, 7, 8, 16, 64])
def test_owners_are_spread_evenly(partitions: int) -> None:
    """Within five standard deviations of a fair share, for ids that differ in their last digits only."""
    counts = [0] * partitions
    for n in range(20_000):
        counts[partition_of(f"user-{n}", partitions)] += 1
    share = 20_000 / partitions
    assert max(abs(count - share) for count in counts) < 5 * share**0.5


@given(st.lists(st.text(max_size=20), max_size=30), st.integers(1, 256))
def test_owners_of_many_are_those_of_each(texts: list[str], partitions: int) -> None:
    assert partitions_of(texts, partitions).tolist() == [partition_of(text, partitions) for text in texts]
