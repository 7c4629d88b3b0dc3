"""The state of a `frames` partition as segments, and back: what is restored goes on bit for bit as what was taken."""

from collections import OrderedDict
from itertools import groupby

import msgspec

from shared.contracts.sections import ProfileSettings
from shared.core.profiles.profile_state import ProfileState
from shared.core.profiles.told import Told
from shared.core.tables.interning import ID_BYTES, Interner
from shared.core.tables.kin import ITEM_IDS
from shared.core.tables.runs import Runs
from shared.core.tables.segments import Segments, of_table, pack, pack_list, put_rows, slices, unpack, unpack_list

BY_USER = ("minute", "minute_events")
TOLD_USERS = 1024  # user slots whose words stand in one table, so that a new one moves few others


def take(state: ProfileState) -> Segments:
    """O(size of the state)."""
    sources = sorted([topic, partition, offset] for (topic, partition), offset in state.sources.items())
    taken = {"meta": pack({}, offset=state.offset, ts=state.ts, sources=sources)}
    taken |= pack_list("repeatable", list(state.repeatable), ID_BYTES)
    taken |= state.items.take("items")
    taken |= state.users.take("users")
    taken |= _take_histories(state)
    taken |= _take_told(state)
    return taken


def _take_histories(state: ProfileState) -> Segments:
    bounds, taken = state.bounds, {}
    row_bytes = 24 + 12 * bounds.history + 8 * bounds.dedupe_window + 17 * bounds.max_owned
    for name, rows in slices("histories", len(state.users.names), row_bytes):
        columns = {column: getattr(state, column)[rows] for column in BY_USER}
        for entered, runs in _runs(state).items():
            columns |= {entered: runs.entered[rows]} | runs.take(rows)
        taken[name] = pack(columns, rows.start)
    return taken


def _runs(state: ProfileState) -> dict[str, Runs]:
    """By the names of the columns that say how many entries were put into each row."""
    return {"met": state.histories, "heard": state.recent, "has": state.having}


def _take_told(state: ProfileState) -> Segments:
    """What users told, a table per so many slots: segments are as large as what stands in them allows."""
    taken: Segments = {}
    for number, users in groupby(sorted(state.told), lambda user: user // TOLD_USERS):
        entries = [(user, state.told[user]) for user in users]
        largest = max(len(msgspec.msgpack.encode(entry)) for entry in entries)
        taken |= pack_list(f"told-{number}", entries, largest)
    return taken


def _restore_told(state: ProfileState, segments: Segments) -> None:
    for number in range(-(-len(state.users.names) // TOLD_USERS)):
        for user, told in unpack_list(segments, f"told-{number}"):
            state.told[user] = msgspec.convert(told, Told)


def restore(bounds: ProfileSettings, segments: Segments) -> ProfileState:
    """The state that was taken, under the same bounds."""
    state = ProfileState(bounds)
    meta = unpack(segments["meta"]).values
    state.offset, state.ts = meta["offset"], meta["ts"]
    state.sources = {(topic, partition): offset for topic, partition, offset in meta["sources"]}
    state.repeatable = OrderedDict.fromkeys(unpack_list(segments, "repeatable"))
    state.items = Interner.restore(bounds.max_items, segments, "items", ITEM_IDS)
    state.users = Interner.restore(bounds.max_users, segments, "users")
    state.grow()
    for segment in of_table(segments, "histories"):
        put_rows(state, BY_USER, segment)
        for name, runs in _runs(state).items():
            columns = {column: segment.column(column) for column in runs.columns}
            runs.put(segment.start, segment.column(name), columns)
    _restore_told(state, segments)
    return state
