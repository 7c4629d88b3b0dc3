"""The cut: what the workers have acknowledged, all that came of it, and nothing else."""

from pathlib import Path

import pytest

from services.recording.file import read_recording
from services.recording.recording import Recording
from shared.contracts.errors import HeadraceError
from shared.contracts.state import fingerprint
from shared.contracts.topics import EXAMPLES, FRAMES, ITEM_DELTAS
from tests.unit.recording.shop import SETTINGS, Shop, busy


def recorded(shop: Shop, tmp_path: Path) -> Recording:
    shop.record(tmp_path / "shop.frames")
    return read_recording(tmp_path / "shop.frames")


def test_the_header_says_what_it_was_made_of(tmp_path: Path) -> None:
    shop = busy(48)
    shop.log.first[EXAMPLES, 0] = 2
    header = recorded(shop, tmp_path).header
    ends = [len(shop.log.records[FRAMES, n]) for n in range(2)]
    assert (header.frames_partitions, header.items_partitions, header.ends) == (2, 2, ends)
    assert (header.generation, header.fingerprint, header.examples_lost) == (1, fingerprint(SETTINGS), 2)


def test_what_is_not_acknowledged_is_left_out_with_all_that_came_of_it(tmp_path: Path) -> None:
    shop = busy(80)
    shop.log.acknowledged[FRAMES, 1] = 5
    found = recorded(shop, tmp_path)
    assert [len(steps) for steps in found.frames] == [len(shop.log.records[FRAMES, 0]), 5]
    made = [step.place for steps in found.deltas for step in steps]
    assert max(offset for partition, offset in made if partition == 1) == 4
    assert max(offset for partition, offset in made if partition == 0) > 5
    taught = [step.place for step in found.examples]
    assert max(offset for partition, offset in taught if partition == 1) < 5
    assert max(offset for partition, offset in taught if partition == 0) > 5


def test_what_is_behind_is_said(tmp_path: Path) -> None:
    shop = busy(80)
    assert not [line for line in shop.record(tmp_path / "all") if "behind" in line]
    shop.log.acknowledged[ITEM_DELTAS, 0] = len(shop.log.records[ITEM_DELTAS, 0]) - 3
    assert [line for line in shop.record(tmp_path / "some") if "behind" in line] == [
        "item-deltas/0: the worker is 3 records behind; lists will not be equal"
    ]


def test_what_was_skipped_is_left_out_but_for_the_delta_that_was_sent_already(tmp_path: Path) -> None:
    shop = busy(80)
    for topic in (FRAMES, ITEM_DELTAS, EXAMPLES):
        shop.log.skip(topic, 0, 3)
    found = recorded(shop, tmp_path)
    frames, deltas = ([step.offset for step in steps] for steps in (found.frames[0], found.deltas[0]))
    for offsets in (frames, deltas, [step.offset for step in found.examples]):
        assert offsets == [offset for offset in range(len(offsets) + 1) if offset != 3]
    alone = [step for steps in found.deltas for step in steps if step.delta is not None]
    assert {step.place for step in alone} == {(0, 3)}


def test_a_log_that_nobody_has_folded_cannot_be_recorded(tmp_path: Path) -> None:
    shop = Shop()
    with pytest.raises(HeadraceError, match="no worker has acknowledged anything of frames"):
        shop.record(tmp_path / "none")
    assert not list(tmp_path.iterdir())
