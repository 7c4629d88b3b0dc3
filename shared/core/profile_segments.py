"""The state of a `frames` partition as segments, and back: what is restored goes on bit for bit as what was taken."""

from shared.contracts.settings import ProfileSettings
from shared.core.interning import ID_BYTES, Interner
from shared.core.profile_state import Had, ProfileState
from shared.core.segments import Segments, of_table, pack, pack_list, put_columns, slices, unpack, unpack_list

BY_USER = (
    "history_item",
    "history_ts",
    "history_length",
    "recent_keys",
    "recent_position",
    "minute",
    "minute_events",
)
HAD_BYTES = 22  # of an entry of what a user has, at most


def take(state: ProfileState) -> Segments:
    """O(size of the state)."""
    sources = sorted([topic, partition, offset] for (topic, partition), offset in state.sources.items())
    taken = {"meta": pack({}, offset=state.offset, ts=state.ts, sources=sources)}
    taken |= pack_list("repeatable", list(state.repeatable), ID_BYTES)
    taken |= state.items.take("items")
    taken |= state.users.take("users")
    taken |= _take_histories(state)
    return taken


def _take_histories(state: ProfileState) -> Segments:
    bounds, taken = state.bounds, {}
    row_bytes = 40 + 12 * bounds.history + 8 * bounds.dedupe_window + HAD_BYTES * bounds.max_owned
    for name, rows in slices("histories", len(state.users.names), row_bytes):
        columns = {column: getattr(state, column)[rows] for column in BY_USER}
        has = [[slot, list(had.items())] for slot in range(rows.start, rows.stop) if (had := state.has.get(slot))]
        taken[name] = pack(columns, rows.start, has=has)
    return taken


def restore(bounds: ProfileSettings, segments: Segments) -> ProfileState:
    """The state that was taken, under the same bounds."""
    state = ProfileState(bounds)
    meta = unpack(segments["meta"]).values
    state.offset, state.ts = meta["offset"], meta["ts"]
    state.sources = {(topic, partition): offset for topic, partition, offset in meta["sources"]}
    state.repeatable = dict.fromkeys(unpack_list(segments, "repeatable"))
    state.items = Interner.restore(bounds.max_items, segments, "items")
    state.users = Interner.restore(bounds.max_users, segments, "users")
    state.grow()
    put_columns(state, BY_USER, segments, "histories")
    for segment in of_table(segments, "histories"):
        state.has |= {slot: {item: Had(*had) for item, had in held} for slot, held in segment.values["has"]}
    return state
