"""Records that are imported into a compacted topic: checked in a first pass, sent in a second, then what is no longer
there is removed.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from services.producers.records import UNPACED, Outgoing
from services.producers.rejects import Rejects
from shared.adapters.compacted import Latest
from shared.contracts.errors import BadRecord
from shared.contracts.identity import canonical_item, normalise
from shared.contracts.settings import Settings

Reject = Callable[[str, BadRecord, str | None], None]
"""(place in the file, why, the record's key where it is known)."""
Entries = Callable[[Reject], Iterator[tuple[str, bytes]]]
"""Goes through the file: (key, record) of what is good. May be called again."""


@dataclass
class Checked:
    """What a file holds: its keys, those of bad rows included where they are known; ``repeated`` rows come again."""

    keys: set[str] = field(default_factory=set)
    bad_keys: set[str] = field(default_factory=set)
    rows: int = 0

    @property
    def repeated(self) -> int:
        return self.rows - len(self.keys)


def check(entries: Entries, file: str, rejects: Rejects) -> Checked:
    """Go through all of it once; what is bad is in ``rejects`` afterwards. O(keys) of memory."""
    checked = Checked()

    def reject(where: str, why: BadRecord, key: str | None) -> None:
        rejects.add(file, where, why)
        if key is not None:
            checked.bad_keys.add(key)

    for key, _ in entries(reject):
        checked.keys.add(key)
        checked.rows += 1
    return checked


def messages(entries: Entries, kind: str) -> Iterator[Outgoing]:
    """What is good, to be sent; what is bad was said in the first pass."""
    for key, record in entries(lambda _where, _why, _key: None):
        yield Outgoing(kind, key.encode(), record, 0)


def removals(
    standing: Mapping[bytes, Latest], kept: Collection[str], kind: str, name_of: Callable[[bytes], str | None]
) -> Iterator[Outgoing]:
    """Tombstones for the keys of the topic that are not ``kept``, each where its record stands. ``name_of`` a key: the
    id as records have it; None leaves the key alone.
    """
    for key, record in standing.items():
        name = name_of(key)
        if name is not None and name not in kept:
            yield Outgoing(kind, key, None, UNPACED, record.partition)


def item_name(given: str, settings: Settings) -> str | None:
    """An item id as records have it; None for what is none."""
    identity = settings.identity
    try:
        return canonical_item(normalise(given, "item_id", identity, settings.events.max_id_length), identity)
    except BadRecord:
        return None


def name_of_key(key: bytes, settings: Settings) -> str | None:
    """The same of a record's key."""
    try:
        return item_name(key.decode(), settings)
    except UnicodeDecodeError:
        return None
