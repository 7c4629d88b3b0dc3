"""The file of a recording: written as a stream, read as a whole. Its format: :mod:`shared.contracts.recordings`."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, TypeVar, cast

from services.recording.recording import DeltaStep, ExamplesStep, FrameStep, Place, Recording
from shared.contracts.decoding import DECODE_ERRORS
from shared.contracts.deltas import decode_delta
from shared.contracts.errors import BadRecord
from shared.contracts.examples import decode_examples
from shared.contracts.frames import decode_frame
from shared.contracts.reasons import UNKNOWN_VERSION, WRONG_TYPE
from shared.contracts.recordings import (
    LARGEST,
    LENGTH_BYTES,
    RECORDING_VERSION,
    BadRecording,
    End,
    Entry,
    Header,
    RecordedDelta,
    RecordedFrame,
    decode_entry,
    decode_header,
    encode_entry,
)

LEVEL = 6
S = TypeVar("S", FrameStep, DeltaStep)
UNREADABLE = (*DECODE_ERRORS, BadRecord, gzip.BadGzipFile, zlib.error)


class RecordingWriter:
    """The file appears under its name when it is whole. The same records give the same bytes."""

    def __init__(self, path: Path, header: Header) -> None:
        self._path, self._part = path, path.with_name(f"{path.name}.part")
        self._raw = self._part.open("wb")
        self._file = gzip.GzipFile(filename="", mode="wb", compresslevel=LEVEL, fileobj=self._raw, mtime=0)
        self._records = 0
        self.write(header)

    def write(self, entry: Header | Entry | End) -> None:
        raw = encode_entry(entry)
        self._file.write(len(raw).to_bytes(LENGTH_BYTES, "little"))
        self._file.write(raw)
        self._records += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.write(End(self._records))
        self._file.close()
        self._raw.close()
        if kind is None:
            self._part.replace(self._path)
        else:
            with suppress(FileNotFoundError):
                self._part.unlink()


def read_recording(path: Path) -> Recording:
    """Raises :class:`BadRecording` for what is no whole recording of this version."""
    reading = _Reading()
    try:
        with gzip.open(path, "rb") as file:
            return reading.run(_raws(cast("BinaryIO", file)))
    except EOFError as error:
        raise BadRecording(path.name, reading.number, "the file ends here") from error
    except UNREADABLE as error:
        raise BadRecording(path.name, reading.number, str(error)) from error


def _raws(file: BinaryIO) -> Iterator[bytes]:
    while head := file.read(LENGTH_BYTES):
        size = int.from_bytes(head, "little")
        if size > LARGEST:
            raise BadRecord(WRONG_TYPE, f"a record of {size} bytes")
        raw = file.read(size)
        if len(head) < LENGTH_BYTES or len(raw) < size:
            raise EOFError
        yield raw


class _Reading:
    """``number`` of the record that is read."""

    def __init__(self) -> None:
        self.number = 0
        self._places: set[Place] = set()

    def run(self, raws: Iterator[bytes]) -> Recording:
        header = _header(raws)
        frames, deltas = range(header.frames_partitions), range(header.items_partitions)
        recording = Recording(header, [[] for _ in frames], [[] for _ in deltas])
        self.number = 1
        for raw in raws:
            entry = decode_entry(raw)
            if isinstance(entry, End):
                return self._ended(recording, entry, raws)
            self._take(recording, entry)
            self.number += 1
        raise EOFError

    def _ended(self, recording: Recording, end: End, raws: Iterator[bytes]) -> Recording:
        if end.records != self.number:
            raise BadRecord(WRONG_TYPE, f"the end, of {end.records} records")
        if next(raws, None) is not None:
            raise BadRecord(WRONG_TYPE, "more after the end")
        return recording

    def _take(self, recording: Recording, entry: Entry) -> None:
        if isinstance(entry, RecordedFrame):
            frame = FrameStep(entry.partition, entry.offset, entry.at, decode_frame(entry.value))
            self._places.add(frame.place)
            _append(recording.frames, frame, apart=1)
        elif isinstance(entry, RecordedDelta):
            _append(recording.deltas, self._delta(entry), apart=0)
        else:
            recording.examples.append(ExamplesStep(entry.offset, decode_examples(entry.value)))

    def _delta(self, entry: RecordedDelta) -> DeltaStep:
        place = entry.frame_partition, entry.frame_offset
        if entry.value is None and place not in self._places:
            raise BadRecord(WRONG_TYPE, f"the delta of frames/{place[0]} offset {place[1]}, which is not recorded")
        delta = None if entry.value is None else decode_delta(entry.value)
        return DeltaStep(entry.partition, entry.offset, place, delta)


def _header(raws: Iterator[bytes]) -> Header:
    raw = next(raws, None)
    if raw is None:
        raise EOFError
    header = decode_header(raw)
    if isinstance(header, int):
        raise BadRecord(UNKNOWN_VERSION, f"a recording of version {header}, known is {RECORDING_VERSION}")
    return header


def _append(partitions: list[list[S]], step: S, *, apart: int) -> None:
    """In the order of its log; one record packs deltas of several frames."""
    if not 0 <= step.partition < len(partitions):
        raise BadRecord(WRONG_TYPE, f"partition {step.partition} of {len(partitions)}")
    steps = partitions[step.partition]
    if steps and step.offset < steps[-1].offset + apart:
        raise BadRecord(WRONG_TYPE, f"offset {step.offset} after {steps[-1].offset}")
    steps.append(step)
