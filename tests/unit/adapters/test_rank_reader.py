"""What whoever ranks reads of Redis, where that holds something else."""

from typing import cast

import pytest

from shared.adapters.rank_reader import RankReader
from shared.adapters.redis_views import ViewStore
from shared.contracts.errors import BadRecord
from shared.contracts.settings import Settings


class Holds:
    """The same under every key."""

    def __init__(self, value: bytes) -> None:
        self._value = value

    def read(self, keys: list[str]) -> list[bytes | None]:
        return [self._value for _ in keys]


@pytest.mark.parametrize(
    "value",
    [
        b"junk",
        b"\xff",
        b"{}",
        b'{"v":1,"at":"000001-0000000000000001","ts":0,"source":"s","model":"m","items":["i"],"scores":[]}',
    ],
)
def test_what_is_no_list_is_said_as_such(value: bytes) -> None:
    reader = RankReader(cast("ViewStore", Holds(value)), Settings())
    with pytest.raises(BadRecord, match="Redis key trending@10m:all: "):
        reader.tops()
    with pytest.raises(BadRecord, match="Redis key model:taste: "):
        reader.taste()
