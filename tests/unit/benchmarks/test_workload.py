"""The seeded shop is the same for everyone who measures it."""

import numpy as np

from benchmarks.workload import ITEM_EXPONENT, Framing, activity, draw
from shared.contracts.frames import decode_frame, encode_frame, rows
from shared.contracts.routing import partition_of
from shared.contracts.settings import load_settings
from shared.contracts.topics import ITEM


def test_a_seed_gives_the_same_frames_and_another_seed_others() -> None:
    def packed(seed: int) -> list[bytes]:
        draws = draw(seed, users=50, items=20, mean=5, most=10, days=1)
        batches = Framing(load_settings(), 50, 20).batches(draws, 0, len(draws), 60)
        return [encode_frame(frame) for batch in batches for _, frame in batch]

    assert packed(1) == packed(1)
    assert packed(1) != packed(2)


def test_activity_falls_within_its_bounds_and_has_its_mean() -> None:
    events = activity(10_000, mean=20, most=40)
    assert (events.max(), events.min() >= 1) == (40, True)
    assert (np.diff(events) <= 0).all()
    assert abs(events.mean() - 20) < 0.5


def test_the_first_item_is_the_most_seen_and_all_items_are_drawn() -> None:
    draws = draw(3, users=1000, items=100, mean=20, most=40, days=1)
    seen = np.sort(np.bincount(draws.item, minlength=100))[::-1]
    assert seen.min() > 0
    assert abs(seen[0] / seen[9] - 10**ITEM_EXPONENT) < 2


def test_frames_hold_every_event_once_at_the_owner_of_its_user() -> None:
    settings = load_settings()
    draws = draw(4, users=30, items=10, mean=5, most=10, days=1)
    found = []
    for number, frame in Framing(settings, 30, 10).pack(draws, 0, len(draws)):
        for row in rows(decode_frame(encode_frame(frame))):
            assert partition_of(str(row["user"]), settings.topics.frames_partitions) == number
            found.append((row["source_offset"], row["ts"]))
    assert sorted(found) == list(zip(range(1, len(draws) + 1), draws.ts.tolist(), strict=True))


def test_the_catalogue_is_in_every_partition() -> None:
    settings = load_settings()
    frames = Framing(settings, 1, 7).catalogue()
    assert [number for number, _ in frames] == list(range(settings.topics.frames_partitions))
    for _, frame in frames:
        assert (frame.n, frame.kinds, len(frame.records)) == (7, [ITEM], 7)
