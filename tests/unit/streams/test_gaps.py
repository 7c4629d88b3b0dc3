"""What lies between what was taken of a raw partition and what the broker keeps of it."""

import pytest

from shared.contracts.errors import NeedsAPerson
from streams.intake.gaps import given_up


@pytest.mark.parametrize(
    ("following", "first", "end", "lost"),
    [(0, 0, 0, 0), (10, 0, 20, 0), (10, 10, 20, 0), (10, 10, 10, 0), (10, 15, 20, 5), (10, 20, 20, 10)],
)
def test_what_the_broker_gave_up_is_counted(following: int, first: int, end: int, lost: int) -> None:
    assert given_up(("view", 0), following, first, end) == lost


def test_a_partition_that_ends_before_what_was_taken_needs_a_person() -> None:
    with pytest.raises(NeedsAPerson, match="view/0: record 11 is next, but it ends at 10"):
        given_up(("view", 0), 11, 0, 10)
