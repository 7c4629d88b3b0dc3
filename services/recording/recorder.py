"""Records what the workers of a tenant and generation have folded: `frames`, the order of `item-deltas`, `examples`.

The cut is what is acknowledged of `frames` when it begins, with all that came of just those frames: a frame is
acknowledged once its deltas and examples are in the log. What a person decided to leave out is left out here too.
`tops` is not recorded: it says what the items partitions hold.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from services.recording.file import RecordingWriter
from shared.adapters.kafka_topics import need_topics
from shared.adapters.log_reader import PartitionLog
from shared.adapters.skip_log import skipped_offsets
from shared.contracts.deltas import decode_delta, unpacked
from shared.contracts.errors import HeadraceError
from shared.contracts.examples import decode_examples
from shared.contracts.recordings import (
    RECORDING_VERSION,
    Header,
    RecordedDelta,
    RecordedExamples,
    RecordedFrame,
)
from shared.contracts.settings import Settings
from shared.contracts.state import fingerprint
from shared.contracts.topics import EXAMPLES, FRAMES, ITEM_DELTAS, WORKER, group_name, partition_counts, topic_name

Say = Callable[[str], None]


class Recorder:
    """Reads through ``log``, which asks as the workers' group."""

    def __init__(self, settings: Settings, log: PartitionLog, say: Say) -> None:
        self._settings, self._log, self._say = settings, log, say
        sizes = settings.topics
        self._ends = [log.committed(self._topic(FRAMES), n) for n in range(sizes.frames_partitions)]
        self._until = {  # asked after the cut: what the frames before it made is in the log by now
            (short, n): log.bounds(self._topic(short), n)[1]
            for short in (ITEM_DELTAS, EXAMPLES)
            for n in range(partition_counts(settings)[short])
        }

    def run(self, path: Path) -> int:
        """Frames recorded."""
        if not any(self._ends):
            raise HeadraceError(f"no worker has acknowledged anything of {self._topic(FRAMES)} yet")
        self._tell_what_is_behind()
        lost, _ = self._log.bounds(self._topic(EXAMPLES), 0)
        sizes = self._settings.topics
        header = Header(
            RECORDING_VERSION,
            self._settings.generation,
            fingerprint(self._settings),
            sizes.frames_partitions,
            sizes.items_partitions,
            self._ends,
            lost,
        )
        with RecordingWriter(path, header) as file:
            frames = sum(self._record_frames(file, n) for n in range(sizes.frames_partitions))
            for partition in range(sizes.items_partitions):
                self._record_deltas(file, partition)
            self._record_examples(file)
        return frames

    def _record_frames(self, file: RecordingWriter, partition: int) -> int:
        self._say(f"{FRAMES} {partition + 1} of {len(self._ends)}")
        recorded = 0
        for offset, at, value in self._records(FRAMES, partition, self._ends[partition]):
            file.write(RecordedFrame(partition, offset, at, value))
            recorded += 1
        return recorded

    def _record_deltas(self, file: RecordingWriter, partition: int) -> None:
        self._say(f"{ITEM_DELTAS} {partition + 1} of {self._settings.topics.items_partitions}")
        alone = [self._skipped(FRAMES, n) for n in range(len(self._ends))]
        for offset, _, value in self._records(ITEM_DELTAS, partition, self._until[ITEM_DELTAS, partition]):
            for raw in unpacked(value):
                delta = decode_delta(raw)
                if delta.offset < self._ends[delta.partition]:
                    kept = raw if delta.offset in alone[delta.partition] else None
                    file.write(RecordedDelta(partition, offset, delta.partition, delta.offset, kept))

    def _record_examples(self, file: RecordingWriter) -> None:
        self._say(EXAMPLES)
        for offset, _, value in self._records(EXAMPLES, 0, self._until[EXAMPLES, 0]):
            examples = decode_examples(value)
            if examples.partition >= len(self._ends) or examples.offset < self._ends[examples.partition]:
                file.write(RecordedExamples(offset, value))

    def _records(self, short: str, partition: int, end: int) -> Iterator[tuple[int, int, bytes]]:
        """(offset, timestamp, value) of all that is kept and was not left out by a person's decision."""
        left_out, topic = self._skipped(short, partition), self._topic(short)
        for offset, at, value in self._log.dated(topic, partition, 0, end, contiguous=short != EXAMPLES):
            if offset not in left_out:
                yield offset, at, value

    def _tell_what_is_behind(self) -> None:
        for short, count in partition_counts(self._settings).items():
            for n in range(count):
                topic = self._topic(short)
                behind = self._log.bounds(topic, n)[1] - self._log.committed(topic, n)
                if behind > 0:
                    self._say(f"{topic}/{n}: the worker is {behind} records behind; lists will not be equal")

    def _skipped(self, short: str, partition: int) -> frozenset[int]:
        return skipped_offsets(self._log, self._settings, self._topic(short), partition)

    def _topic(self, short: str) -> str:
        return topic_name(self._settings, short)


def record(settings: Settings, path: Path, say: Say) -> int:
    """Frames recorded to the file."""
    need_topics(settings)
    log = PartitionLog(settings.kafka, group_name(settings, WORKER))
    try:
        return Recorder(settings, log, say).run(path)
    finally:
        log.close()
