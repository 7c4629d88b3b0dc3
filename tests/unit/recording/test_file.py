"""The file of a recording: what was written is read, and what is no whole recording is said, with its record."""

import gzip
from pathlib import Path

import msgspec
import pytest

from services.recording.file import RecordingWriter, read_recording
from services.recording.recording import DeltaStep, FrameStep
from shared.contracts.deltas import DELTA_COLUMNS, DELTA_VERSION, ItemDelta, encode
from shared.contracts.frames import decode_frame, encode_frame
from shared.contracts.ids import NO_IDS
from shared.contracts.recordings import (
    RECORDING_VERSION,
    BadRecording,
    End,
    Entry,
    Header,
    RecordedDelta,
    RecordedFrame,
    encode_entry,
)
from tests.unit.core.frame_rows import Row, frame_of
from tests.unit.recording.shop import busy

HEADER = Header(RECORDING_VERSION, 1, "f" * 32, 2, 1, [1, 1], 0)
FRAME = encode_frame(frame_of([Row("u", "a")]))
DELTA = ItemDelta(DELTA_VERSION, 1, 0, 0, NO_IDS, [], dict.fromkeys(DELTA_COLUMNS, b""), [], 0)


def packed(*entries: Header | Entry | End | bytes) -> bytes:
    raws = [entry if isinstance(entry, bytes) else encode_entry(entry) for entry in entries]
    return gzip.compress(b"".join(len(raw).to_bytes(4, "little") + raw for raw in raws))


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "shop.frames"
    with RecordingWriter(path, HEADER) as file:
        assert not path.exists()
        file.write(RecordedFrame(1, 0, 17, FRAME))
        file.write(RecordedDelta(0, 4, 1, 0))
        file.write(RecordedDelta(0, 5, 0, 3, encode(DELTA)))
    found = read_recording(path)
    assert found.header == HEADER
    assert found.frames == [[], [FrameStep(1, 0, 17, decode_frame(FRAME))]]
    assert found.deltas == [[DeltaStep(0, 4, (1, 0), None), DeltaStep(0, 5, (0, 3), DELTA)]]
    assert found.examples == []
    assert [name.name for name in tmp_path.iterdir()] == ["shop.frames"]


def test_the_same_log_is_the_same_file(tmp_path: Path) -> None:
    shop = busy(48)
    for name in ("one", "other"):
        shop.record(tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
    assert sum(len(steps) for steps in read_recording(tmp_path / "one").deltas) > 10
    assert read_recording(tmp_path / "one").examples


def test_a_recording_that_fails_leaves_nothing_and_keeps_the_former(tmp_path: Path) -> None:
    path = tmp_path / "shop.frames"
    path.write_bytes(b"former")
    with pytest.raises(RuntimeError), RecordingWriter(path, HEADER):
        raise RuntimeError
    assert [name.read_bytes() for name in tmp_path.iterdir()] == [b"former"]


WHOLE = packed(HEADER, RecordedFrame(1, 0, 17, FRAME), RecordedDelta(0, 4, 1, 0), End(3))


@pytest.mark.parametrize(
    ("content", "record", "why"),
    [
        (b"", 0, "ends here"),
        (b"user,item\n", 0, "Not a gzipped file"),
        (gzip.compress(b"\x02"), 0, "ends here"),
        (gzip.compress(b"\x02\x00\x00\x00\x90"), 0, "ends here"),
        (gzip.compress(b"\xff\xff\xff\xff"), 0, "a record of 4294967295 bytes"),
        (packed(b"\x90", End(1)), 0, "not the header"),
        (packed(msgspec.structs.replace(HEADER, v=2), End(1)), 0, "version 2, known is 1"),
        (packed(msgspec.msgpack.encode(["header", 3, "another"]), End(1)), 0, "version 3, known is 1"),
        (packed(HEADER), 1, "ends here"),
        (packed(HEADER, RecordedFrame(1, 0, 17, FRAME)), 2, "ends here"),
        (packed(HEADER, End(2)), 1, "the end, of 2 records"),
        (packed(HEADER, End(1), End(1)), 1, "more after the end"),
        (packed(HEADER, b"\xc1", End(2)), 1, "MessagePack"),
        (packed(HEADER, RecordedFrame(1, 0, 17, b"\x90"), End(2)), 1, "not a frame"),
        (packed(HEADER, RecordedFrame(2, 0, 17, FRAME), End(2)), 1, "partition 2 of 2"),
        (packed(HEADER, RecordedFrame(-1, 0, 17, FRAME), End(2)), 1, "partition -1 of 2"),
        (packed(HEADER, *[RecordedFrame(1, 3, 17, FRAME)] * 2, End(3)), 2, "offset 3 after 3"),
        (packed(HEADER, RecordedDelta(0, 4, 1, 0), End(2)), 1, "frames/1 offset 0, which is not recorded"),
    ],
)
def test_what_is_no_recording_is_said(tmp_path: Path, content: bytes, record: int, why: str) -> None:
    path = tmp_path / "bad.frames"
    path.write_bytes(content)
    with pytest.raises(BadRecording, match=rf"^bad\.frames, record {record}: .*{why}") as caught:
        read_recording(path)
    assert caught.value.record == record


@pytest.mark.parametrize("size", range(1, len(WHOLE), 7))
def test_a_file_cut_off_anywhere_is_said(tmp_path: Path, size: int) -> None:
    path = tmp_path / "cut.frames"
    path.write_bytes(WHOLE)
    read_recording(path)
    path.write_bytes(WHOLE[:size])
    with pytest.raises(BadRecording):
        read_recording(path)


def test_a_flipped_bit_is_said(tmp_path: Path) -> None:
    path = tmp_path / "flipped.frames"
    for place in range(10, len(WHOLE) - 8, 5):
        path.write_bytes(WHOLE[:place] + bytes([WHOLE[place] ^ 4]) + WHOLE[place + 1 :])
        with pytest.raises(BadRecording):
            read_recording(path)
