"""Saves the state of one partition and reads it back: what was saved last, whole, or an error; never something older.

Its transactional producer fences: once the next owner has one, a former owner that wakes up cannot save any more.
"""

from collections.abc import Callable
from dataclasses import dataclass

from confluent_kafka import KafkaError, KafkaException

from shared.adapters import failpoints
from shared.adapters.kafka_clients import produce, transactional_producer
from shared.adapters.log_reader import PartitionLog
from shared.contracts.errors import Fenced, NeedsAPerson, TornState, Unavailable
from shared.contracts.settings import Settings
from shared.contracts.state import (
    MANIFEST,
    STATE_TOPICS,
    STATE_VERSION,
    Manifest,
    decisive,
    decode_manifest,
    differences,
    digest,
    encode_manifest,
    fingerprint,
    generation_prefix,
)
from shared.contracts.topics import topic_name

TIMEOUT_S = 60.0
FENCED = (KafkaError._FENCED, KafkaError.INVALID_PRODUCER_EPOCH, KafkaError.PRODUCER_FENCED)  # noqa: SLF001


@dataclass(frozen=True)
class Saved:
    """A state as it was saved: it includes the folded topic up to ``offset``."""

    offset: int
    segments: dict[str, bytes]
    digests: dict[str, bytes]


def read_saved(records: PartitionLog, settings: Settings, folded: str, partition: int) -> Saved | None:
    """What is saved of a partition of the topic ``folded`` (its short name), None if nothing is.

    :class:`TornState` if it is not whole, :class:`NeedsAPerson` if it was made under other settings. Whoever means to
    go on from it must have fenced its former owner before.
    """
    topic = topic_name(settings, STATE_TOPICS[folded])
    prefix = generation_prefix(settings.generation)
    found = records.latest(topic, partition, prefix.encode(), settled=True)
    if not found:
        return None
    named = {key.decode().removeprefix(prefix): value for key, value in found.items()}
    place = f"{topic}/{partition}, generation {settings.generation}"
    manifest = decode_manifest(named.pop(MANIFEST, b""))
    if manifest is None:
        raise TornState(f"{place}: no manifest that this version reads")
    if manifest.fingerprint != fingerprint(settings):
        raise NeedsAPerson(f"{place}: {_mismatch(manifest, settings)}")
    for name, expected in manifest.digests.items():
        if name not in named or digest(named[name]) != expected:
            raise TornState(f"{place}: segment {name} is {'damaged' if name in named else 'missing'}")
    return Saved(manifest.offset, {name: named[name] for name in manifest.digests}, dict(manifest.digests))


def _mismatch(manifest: Manifest, settings: Settings) -> str:
    """What differs, where the state tells, and the two ways out."""
    differing = "; ".join(differences(manifest.decisive, decisive(settings)))
    told = f" ({differing})" if differing else ""
    return (
        f"the state was made under other settings or by another version{told}; put them back, or build a new state "
        f"from the log's beginning: `headrace rebuild`, or start with HEADRACE_GENERATION={settings.generation + 1}"
    )


class StateLog:
    """The right to save one partition's state; making it takes that right from whoever had it before."""

    def __init__(self, settings: Settings, folded: str, partition: int) -> None:
        self._fingerprint, self._decisive = fingerprint(settings), decisive(settings)
        self._topic = topic_name(settings, STATE_TOPICS[folded])
        self._partition = partition
        self._prefix = generation_prefix(settings.generation)
        self._digests: dict[str, bytes] = {}
        owner = f"{self._topic}-{settings.generation}-{partition}"
        self._producer = transactional_producer(settings.kafka, owner if settings.tenant else f"headrace.{owner}")
        self._attempt(lambda: self._producer.init_transactions(TIMEOUT_S))

    def went_on_from(self, saved: Saved) -> None:
        """Of what stands there already, only what changes is written."""
        self._digests = saved.digests

    def save(self, offset: int, segments: dict[str, bytes]) -> int:
        """Save a state that includes the folded topic up to ``offset``; returns the bytes written.

        :class:`Fenced` if another owner has taken over.
        """
        digests = {name: digest(segment) for name, segment in segments.items()}
        changed = {n: s for n, s in segments.items() if self._digests.get(n) != digests[n]}
        gone = self._digests.keys() - digests.keys()
        manifest = encode_manifest(Manifest(STATE_VERSION, self._fingerprint, offset, digests, self._decisive))
        written: dict[str, bytes | None] = {**dict.fromkeys(sorted(gone)), **changed, MANIFEST: manifest}
        self._attempt(lambda: self._save(written))
        self._digests = digests
        return sum(len(value or b"") for value in written.values())

    def _save(self, written: dict[str, bytes | None]) -> None:
        self._producer.begin_transaction()
        for name, value in written.items():
            key = (self._prefix + name).encode()
            produce(self._producer, self._topic, value, key=key, partition=self._partition)
        failpoints.reach(failpoints.CHECKPOINT_WRITTEN)
        self._producer.commit_transaction(TIMEOUT_S)

    def _attempt(self, action: Callable[[], None]) -> None:
        try:
            action()
        except KafkaException as failure:
            error: KafkaError = failure.args[0]
            place = f"{self._topic}/{self._partition}"
            if error.code() in FENCED:
                raise Fenced(f"{place}: another owner saves its state now") from failure
            raise Unavailable(f"{place}: the state was not saved: {error.str()}") from failure
