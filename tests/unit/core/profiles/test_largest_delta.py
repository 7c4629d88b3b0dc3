"""What items are told of the largest frame is a record that its topic takes, whatever the settings are."""

import pytest

from shared.contracts.deltas import encode
from shared.contracts.settings import load_settings
from shared.core.frames import framing
from shared.core.profiles.profiles import Profiles
from tests.unit.core.frame_rows import Row, frame_of

LARGEST = 800_000  # a tenth, which takes a hundredth of the time
PHONE = b'{"device":"phone","country":"NO"}'
ID = "0b7e93f2-6d1c-4c8e-9a54-"  # and twelve digits


@pytest.mark.parametrize("met", [15, 100])
def test_of_users_who_all_have_met_what_nobody_else_has(monkeypatch: pytest.MonkeyPatch, met: int) -> None:
    monkeypatch.setattr(framing, "LARGEST_DELTA", LARGEST)
    shop = load_settings(
        topics={"items_partitions": 1, "frames_partitions": 1},
        cooccurrence={"pairs_per_event": met, "bought_pairs": met},
        profiles={"history": 200},
    )
    step, most = Profiles(shop, 0), framing.most_rows(shop)
    for visit in range(met + 1):
        rows = [
            Row(f"u{n}", f"{ID}{visit * most + n:012}", visit, "purchase", visit * most + n, context=PHONE)
            for n in range(most)
        ]
        [(_, delta)] = step.step(visit, frame_of(rows, topic="purchase")).deltas
    assert LARGEST // 2 < len(encode(delta)) <= LARGEST
