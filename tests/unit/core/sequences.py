"""Sequences of frames for laws: events, catalogue records, tombstones; bounds that bite, and bounds that do not."""

from hypothesis import strategies as st

from shared.contracts.catalogue import ENCODER, ItemRecord
from shared.contracts.settings import load_settings
from tests.unit.core.frames import Row

# bounds so tight that everything leaves now and then
TIGHT = load_settings(
    topics={"frames_partitions": 1, "items_partitions": 1},
    profiles={"max_users": 3, "history": 3, "max_items": 4, "max_owned": 2, "dedupe_window": 2},
    cooccurrence={"max_items": 4, "neighbours": 2, "half_life_ms": 3_600_000},
    popularity={"max_scopes": 1},
)
ROOMY = load_settings(topics={"frames_partitions": 1, "items_partitions": 1})

users = st.sampled_from("uvwxy")
items = st.sampled_from("abcdefg")
events = st.builds(
    Row,
    user=users,
    item=items,
    at=st.integers(0, 600),
    kind=st.sampled_from(["view", "view", "purchase", "return", "hide"]),
    event_id=st.sampled_from([None, "1", "2", "3", "4"]),
)
catalogue = st.builds(
    lambda item, categories, available, repeatable: Row(
        None,
        item,
        kind="item",
        record=ENCODER.encode(
            ItemRecord(item_id=item, categories=categories, available=available, repeatable=repeatable)
        ),
    ),
    items,
    st.lists(st.sampled_from(["hats", "boats"]), max_size=2, unique=True),
    st.booleans(),
    st.booleans(),
)
removals = st.builds(lambda item: Row(None, item, kind="item"), items)
tombstones = st.builds(lambda user: Row(user, None, kind="user"), users)
frames = st.lists(st.lists(st.one_of(events, events, events, catalogue, removals, tombstones), min_size=1, max_size=8))
