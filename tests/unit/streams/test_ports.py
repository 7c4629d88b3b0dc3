"""A worker of a generation that was replaced hears of it."""

from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from shared.contracts.settings import Settings
from shared.contracts.views import VIEW_VERSION, Keys, View, at, encode_view
from streams.steps.ports import Ports

SETTINGS = Settings(generation=2)


class Refusing:
    """A store in which a view of some generation stands."""

    def __init__(self, generation: int) -> None:
        self._held = encode_view(View(VIEW_VERSION, at(generation, 7), 1, "personal", "ranked-1", [], []))

    def write(self, keys: list[str], _payloads: list[bytes], _ttl_s: int) -> int:
        return len(keys)

    def read(self, keys: list[str]) -> list[bytes]:
        return [self._held for _ in keys]


@pytest.mark.parametrize(("generation", "said"), [(1, []), (2, []), (3, [3])])
def test_a_worker_whose_generation_was_replaced_says_so_once(generation: int, said: list[int]) -> None:
    none = cast("Any", None)
    ports = Ports(SETTINGS, none, cast("Any", Refusing(generation)), Keys(SETTINGS), none)
    with capture_logs() as lines:
        for _ in range(3):
            ports.write("rec", ["rec:ann"], [b""])
    assert [line["generation"] for line in lines if "later generation" in line["event"]] == said
