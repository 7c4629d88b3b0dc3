"""Sequences of frames for laws: events, catalogue records, tombstones; bounds that bite, and bounds that do not."""

from hypothesis import strategies as st

from shared.contracts.catalogue import ENCODER, ItemRecord, Market, UserRecord
from shared.contracts.settings import Settings, load_settings
from tests.unit.core.frame_rows import START, Row

MINUTE = 60_000
# bounds so tight that everything leaves now and then; in a few hours counts fade by hundreds of half-lives
TIGHT = load_settings(
    topics={"frames_partitions": 1, "items_partitions": 1},
    profiles={
        "max_users": 3,
        "history": 3,
        "max_items": 4,
        "max_owned": 2,
        "dedupe_window": 2,
        "max_events_per_minute": 2,
        "max_told": 2,
        "segments": ["vip", "gender", "age"],
    },
    cooccurrence={
        "max_items": 4,
        "neighbours": 2,
        "few_items": 3,
        "published": 1,
        "bought_pairs": 1,
        "bought_neighbours": 1,
        "half_life_ms": 60 * MINUTE,
        "quick_half_life_ms": MINUTE,
    },
    popularity={
        "max_scopes": 1,
        "published": 3,
        "contexts": ["device", "hour", "country"],
        "max_contexts": 2,
        "context_items": 10,
    },
    lists={"length": 3, "recent_items": 2, "explore": 2},
)
ROOMY = load_settings(topics={"frames_partitions": 1, "items_partitions": 1})


def with_repeats(settings: Settings) -> Settings:
    """The same where people take things again."""
    return settings.model_copy(update={"lists": settings.lists.model_copy(update={"repeats": True})})


def with_fast_lists(settings: Settings) -> Settings:
    """The same where lists look at less."""
    return settings.model_copy(update={"lists": settings.lists.model_copy(update={"profile": "fast"})})


def apart(record: ItemRecord) -> ItemRecord:
    """No item is near itself."""
    record.near = [other for other in record.near if other != record.item_id]
    return record


users = st.sampled_from("uvwxy")
items = st.sampled_from("abcdefg")
events = st.builds(
    Row,
    user=users,
    item=items,
    at=st.integers(0, 600),
    kind=st.sampled_from(["view", "view", "purchase", "return", "hide"]),
    event_id=st.sampled_from([None, "1", "2", "3", "4"]),
    context=st.sampled_from(
        [
            None,
            b'{"device":"phone"}',
            b'{"country":"NO","device":"tv","surface":"home"}',
            b'{"device":null,"country":""}',
            b'{"device":2.5,"country":true}',
            b'{"device":"tv","hour":9}',
            b'{"hour":"9"}',
            b'{"hour":"","country":"NO"}',
        ]
    ),
)
catalogue = st.builds(
    lambda record: Row(None, record.item_id, kind="item", record=ENCODER.encode(record)),
    st.builds(
        ItemRecord,
        item_id=items,
        title=st.sampled_from(["", "Red Hat", "red boat, 2 m", "RED cap / blue hat", "Best boat 42"]),
        categories=st.lists(st.sampled_from(["hats", "boats"]), max_size=2, unique=True),
        brand=st.sampled_from([None, "", "acme", "best"]),
        price=st.sampled_from([None, 0.0, 4.5, 5.0, 12.0, 1e6]),
        available=st.booleans(),
        repeatable=st.booleans(),
        description=st.sampled_from(["", "x" * 1001]),
        tags=st.sampled_from([[], ["new"]]),
        markets=st.sampled_from([{}, {"SE": Market(price=5.0)}]),
        attributes=st.sampled_from([{}, {"repeatable": True}]),
        published_at=st.sampled_from([None, None, START, START + 5 * MINUTE]),
        near=st.lists(st.sampled_from("hijk"), max_size=2, unique=True) | st.lists(items, max_size=3, unique=True),
    ).map(apart),
)
told = st.one_of(
    st.builds(
        Row,
        user=users,
        item=st.sampled_from([None, "a"]),
        at=st.integers(0, 600),
        kind=st.sampled_from(["prefer", "avoid"]),
        event_id=st.sampled_from([None, "1", "2"]),
        record=st.sampled_from([b"hats", b"boats", b"tea", b"caf\xc3\xa9", None]),
    ),
    st.builds(
        Row,
        user=users,
        item=st.none(),
        kind=st.just("identify"),
        event_id=st.sampled_from([None, "1", "2"]),
        session=st.sampled_from(["s1", "s2", "s3", None]),
    ),
)
user_records = st.builds(
    lambda record: Row(record.user_id, None, kind="user", record=ENCODER.encode(record)),
    st.builds(
        UserRecord,
        user_id=users,
        attributes=st.dictionaries(
            st.sampled_from(["gender", "vip", "age", "country", "name"]),
            st.sampled_from(["f", "m", "", None, True, 30, 2.5]),
            max_size=4,
        ),
    ),
)
removals = st.builds(lambda item: Row(None, item, kind="item"), items)
tombstones = st.builds(lambda user: Row(user, None, kind="user"), users)
anything = st.one_of(events, events, events, events, told, user_records, catalogue, removals, tombstones)
frame = st.lists(anything, min_size=1, max_size=8)
frames = st.lists(frame)
many_frames = st.lists(frame, min_size=12, max_size=20)
