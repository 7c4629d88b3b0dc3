"""A recording as a log under test: the events of its frames, in the order in which they are folded."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

import msgspec
import numpy as np

from services.evaluate.event_log import NONE, EventLog
from services.evaluate.loading import NOT_LEARNED, Loaded
from services.recording.recording import FrameStep, Step
from shared.contracts.catalogue import ItemRecord
from shared.contracts.errors import HeadraceError
from shared.contracts.frames import Frame
from shared.contracts.settings import Settings
from shared.contracts.topics import ITEM, USER
from shared.core.frames.watermarks import Source, fresh_rows
from shared.core.kernel import Flags, Ints, Longs

REPEATED = "repeated"
COLUMNS = ("ts", "user", "item", "kind", "value", "session", "key")
_ITEM = msgspec.json.Decoder(ItemRecord)


@dataclass(frozen=True)
class RecordedLog:
    """``ends`` int64[frames]: events up to each frame's end, in the order of folding."""

    loaded: Loaded
    ends: Longs


def recorded_log(name: str, steps: Iterable[Step], settings: Settings) -> RecordedLog:
    """Left out is what frames repeat, by the offset or the event id of the raw record, and what is not learned."""
    taking = _Taking(settings)
    for step in steps:
        if isinstance(step, FrameStep):
            taking.take(step)
    return taking.log(name)


class _Texts:
    """Numbers for texts as they come; in the end by their order."""

    def __init__(self) -> None:
        self._number: dict[str, int] = {}

    def of(self, texts: list[str], column: np.ndarray) -> Ints:
        """The numbers of what a column points at; :data:`NONE` stays."""
        numbers = [self._number.setdefault(text, len(self._number)) for text in texts]
        found: Ints = np.array([*numbers, NONE], dtype=np.int32)[column]
        return found

    def ordered(self, column: Ints) -> tuple[Ints, list[str]]:
        texts = sorted(self._number)
        order = np.full(len(texts) + 1, NONE, dtype=np.int32)
        order[[self._number[text] for text in texts]] = np.arange(len(texts))
        return order[column], texts


class _Taking:
    """Frame by frame; memory as an :class:`EventLog`."""

    def __init__(self, settings: Settings) -> None:
        self._types = settings.events.types
        self._sources: dict[int, dict[Source, int]] = {}
        self._texts = {name: _Texts() for name in ("user", "item", "kind", "session")}
        self._parts: dict[str, list[np.ndarray]] = {name: [] for name in COLUMNS}
        self._sizes: list[int] = []
        self._catalogue: dict[str, ItemRecord] = {}
        self._left_out: Counter[str] = Counter()

    def take(self, step: FrameStep) -> None:
        frame, sources = step.frame, self._sources.setdefault(step.partition, {})
        fresh, reached = fresh_rows(frame, sources)
        sources |= reached
        chosen = fresh & self._learned(frame, fresh)
        for name, column in self._columns(frame).items():
            self._parts[name].append(column[chosen])
        self._sizes.append(int(chosen.sum()))
        self._take_records(frame, fresh)

    def _learned(self, frame: Frame, fresh: Flags) -> Flags:
        """Which rows are events that are learned; counts the others."""
        types = [self._types.get(kind) for kind in frame.kinds]
        learned = np.array([t is not None and t.meaning not in NOT_LEARNED for t in types], dtype=np.bool_)
        kinds = frame.column("kind")
        chosen: Flags = learned[kinds] & (frame.column("item") != NONE) & (frame.column("user") != NONE)
        records = [number for number, kind in enumerate(frame.kinds) if kind in (ITEM, USER)]
        for number in kinds[fresh & ~chosen & ~np.isin(kinds, records)].tolist():
            self._left_out[frame.kinds[number]] += 1
        return chosen

    def _columns(self, frame: Frame) -> dict[str, np.ndarray]:
        texts = {"user": list(frame.users), "item": list(frame.items), "kind": frame.kinds, "session": frame.sessions}
        numbers = {name: self._texts[name].of(named, frame.column(name)) for name, named in texts.items()}
        return {name: numbers[name] if name in numbers else frame.column(name) for name in COLUMNS}

    def _take_records(self, frame: Frame, fresh: Flags) -> None:
        """What the catalogue said of an item last."""
        if ITEM not in frame.kinds:
            return
        rows = np.flatnonzero(fresh & (frame.column("kind") == frame.kinds.index(ITEM)))
        items, records = frame.column("item")[rows].tolist(), frame.column("record")[rows].tolist()
        for item, record in zip(items, records, strict=True):
            if record == NONE:
                self._catalogue.pop(frame.items[item], None)
            else:
                self._catalogue[frame.items[item]] = _ITEM.decode(frame.records[record])

    def log(self, name: str) -> RecordedLog:
        columns = {column: np.concatenate([np.zeros(0, dtype=np.int32), *p]) for column, p in self._parts.items()}
        first = _first_of_each(columns["user"], columns.pop("key").astype(np.uint64))
        if not first.any():
            raise HeadraceError(f"{name}: no event to evaluate in these frames")
        ends = np.append(0, np.cumsum(first))[np.cumsum(self._sizes)].astype(np.int64)
        if left_out := int((~first).sum()):
            self._left_out[REPEATED] += left_out
        log = self._event_log(name, {column: values[first] for column, values in columns.items()})
        log = replace(log, bounds=np.unique(np.append(0, ends)))
        return RecordedLog(Loaded(log, dict(sorted(self._left_out.items()))), ends)

    def _event_log(self, name: str, columns: dict[str, np.ndarray]) -> EventLog:
        numbered = {column: texts.ordered(columns[column]) for column, texts in self._texts.items()}
        none: Ints = np.full(len(columns["ts"]), NONE, dtype=np.int32)
        (user, users), (item, items), (kind, kinds) = (numbered[column] for column in ("user", "item", "kind"))
        return EventLog(
            name, columns["ts"].astype(np.int64), user, item, kind, columns["value"].astype(np.float64), none,
            numbered["session"][0], none, users, items, kinds, [],
            {number: self._catalogue[id_] for number, id_ in enumerate(items) if id_ in self._catalogue},
        )  # fmt: skip


def _first_of_each(users: Ints, keys: np.ndarray) -> Flags:
    """Which events do not repeat an event id of their user; those without one (0) repeat none."""
    kept: Flags = keys == 0
    pairs = np.stack([users.astype(np.uint64), keys], axis=1)
    _, first = np.unique(pairs, axis=0, return_index=True)
    kept[first] = True
    return kept
