"""The batch lists' shell: what a team's own model says of users, as `batch:{user}` views. It keeps no state: the topic
is compacted and says all of it again when the views were lost.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice

from confluent_kafka import Message

from shared.adapters import metrics
from shared.adapters.log_reader import PartitionLog
from shared.adapters.redis_views import BATCH
from shared.adapters.skip_log import skipped_offsets
from shared.contracts import reasons
from shared.contracts.batch import SOURCE, BatchList, decode_batch_list
from shared.contracts.errors import BadRecord
from shared.contracts.identity import normalise_user
from shared.contracts.topics import BATCH_LIST, DEAD_LETTER, WORKER, group_name
from shared.contracts.views import SCORE_DIGITS, VIEW_VERSION, View, at, encode_view
from shared.core.answers.fusion import RANK_SCORES
from streams.out.letters import as_kept, letter_headers
from streams.steps.ports import Ports
from streams.steps.step import Step, as_bytes

RECORDS_PER_TICK = 200  # some 20 ms; read again when the views were lost


class BatchListsStep(Step):
    """The one `batch-list` partition."""

    topic = BATCH_LIST
    contiguous = False  # compacted: only the latest record of each key is kept
    stateless = True
    keyed = True
    kinds = frozenset((SOURCE,))

    def __init__(self, partition: int, ports: Ports, open_log: Callable[[Ports], PartitionLog] | None = None) -> None:
        self.partition = partition
        self._ports = ports
        self._open_log = open_log or _log_of
        self._log: PartitionLog | None = None
        self._again: Iterator[Message] | None = None
        self._skipped: frozenset[int] = frozenset()
        self._written: list[tuple[str, bytes]] = []
        self._listed: set[int] | None = None  # hashes of whom the topic has a list of; from its reading to the sweep
        self._offset = -1

    @property
    def offset(self) -> int:
        return self._offset

    def apply(self, offset: int, value: bytes, *, replayed: bool) -> None:
        self.apply_keyed(offset, b"", value, arrived=0, replayed=replayed)

    def apply_keyed(self, offset: int, key: bytes, value: bytes, *, arrived: int, replayed: bool) -> None:
        metrics.FRAMES.labels("batch-lists").inc()
        self._offset = offset
        try:
            self._take(offset, key, value)
        except BadRecord as verdict:
            if not replayed and not self._ports.silent:  # a rebuild meets what was buried long ago
                self._bury(offset, key, value, verdict, arrived)

    def skip(self, offset: int) -> None:
        self._offset = offset

    def _take(self, offset: int, key: bytes, value: bytes) -> None:
        if not value:
            self._remove(self._user_of(key), offset)
            return
        rules = self._ports.settings
        record = decode_batch_list(value, rules.events, rules.identity)
        if self._user_of(key) != record.user_id:
            raise BadRecord(reasons.WRONG_TYPE, "the key is not the user_id: null could not remove the list", "user_id")
        self._note(record.user_id)
        view = self._ports.keys.batch(record.user_id)
        payload = encode_view(_view(record, at(rules.generation, offset)))
        self._written.append((view, payload))
        if len(self._written) >= BATCH:
            self.publish()

    def _user_of(self, key: bytes) -> str:
        rules = self._ports.settings
        if not key:
            raise BadRecord(reasons.EMPTY, "the record has no key; it is the user_id", "user_id")
        try:
            return normalise_user(key.decode(), "user_id", rules.identity, rules.events.max_id_length)
        except UnicodeDecodeError as error:
            raise BadRecord(reasons.NOT_UTF8, f"byte {error.start} of the key is not UTF-8", "user_id") from error

    def _remove(self, user: str, offset: int) -> None:
        self.publish()
        self._ports.remove([self._ports.keys.batch(user)], offset)

    def _bury(self, offset: int, key: bytes, value: bytes, verdict: BadRecord, arrived: int) -> None:
        metrics.EVENTS_DEAD.labels(verdict.reason).inc()
        headers = letter_headers(verdict, (self._ports.topic(BATCH_LIST), self.partition, offset), arrived)
        kept_key, kept = as_kept(key or None, value or None)
        self._ports.delivery.produce(self._ports.topic(DEAD_LETTER), kept, key=kept_key, headers=headers)

    def publish(self) -> None:
        written, self._written = self._written, []
        keys, payloads = [key for key, _ in written], [payload for _, payload in written]
        self._ports.write("batch", keys, payloads, self._ports.settings.lists.ttl_s)

    def republish(self) -> None:
        """From the topic's beginning to what was applied by now; what comes meanwhile is written as it comes."""
        self._log = self._log or self._open_log(self._ports)
        topic = self._ports.topic(BATCH_LIST)
        self._skipped = skipped_offsets(self._log, self._ports.settings, topic, self.partition)
        first, _ = self._log.bounds(topic, self.partition)
        self._listed = set()
        self._again = self._log.messages(topic, self.partition, first, self._offset + 1, contiguous=False)

    def tick(self, now: int) -> None:  # noqa: ARG002
        if self._again is None:
            return
        read = list(islice(self._again, RECORDS_PER_TICK))
        for message in read:
            self._say_again(message)
        self.publish()
        if len(read) < RECORDS_PER_TICK:
            self._again = None

    def _say_again(self, message: Message) -> None:
        """What was bad is a dead letter already; what a person left out stays left out. Compaction may have taken the
        record of the list that stands for it: that stays, too.
        """
        offset, key = int(message.offset() or 0), as_bytes(message.key())
        with suppress(BadRecord):
            if offset not in self._skipped:
                self._take(offset, key, message.value() or b"")
                return
        with suppress(BadRecord):
            self._note(self._user_of(key))

    def _note(self, user: str) -> None:
        if self._listed is not None:
            self._listed.add(hash(user))

    def strays(self, kind: str, names: list[str]) -> list[str]:  # noqa: ARG002 - there is but one kind
        """Of whom the topic has no list any more: its compaction has taken a null, too, by which one was removed."""
        listed = self._listed
        return [] if listed is None else [name for name in names if hash(name) not in listed]

    def swept(self) -> None:
        self._listed = None

    @property
    def settled(self) -> bool:
        return self._again is None


def _log_of(ports: Ports) -> PartitionLog:
    return PartitionLog(ports.settings.kafka, group_name(ports.settings, WORKER))


def _view(record: BatchList, version: str) -> View:
    """Where the model gave no scores, those of the ranks."""
    scores = record.scores or RANK_SCORES[: len(record.items)]
    return View(
        v=VIEW_VERSION,
        at=version,
        ts=record.ts,
        source=SOURCE,
        model=SOURCE,
        items=record.items,
        scores=[round(score, SCORE_DIGITS) for score in scores],
        why=[SOURCE] * len(record.items),
        user_id=record.user_id,
    )
