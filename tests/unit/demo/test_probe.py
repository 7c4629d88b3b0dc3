"""Which events of the feed are followed to a list."""

from typing import Any, cast

import pytest

from services.demo.probe import Probes
from services.producers.records import Outgoing
from shared.contracts.settings import Settings


class NoLists:
    def get(self, key: str) -> None:
        del key


def test_what_cannot_be_read_is_not_followed() -> None:
    probes = Probes(cast("Any", NoLists()), Settings())
    probes.follow(Outgoing("view", b"u", b'{"user_id":"u","item_id":"i","ts":1767225600000,"rec_id":"\xff"}', 0))
    assert probes.followed == 0


@pytest.mark.parametrize(
    ("kind", "followed"), [("view", 1), ("purchase", 1), ("return", 0), ("hide", 0), ("skip", 0), ("item", 0)]
)
def test_what_enters_no_history_cannot_show_in_a_lists_time(kind: str, followed: int) -> None:
    probes = Probes(cast("Any", NoLists()), Settings())
    probes.follow(Outgoing(kind, b"u", b'{"user_id":"u","item_id":"i","ts":1767225600000}', 0))
    assert probes.followed == probes.waiting == followed
