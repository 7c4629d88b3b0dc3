"""What users say of themselves: the last word holds, little is kept, records move, tombstones remove."""

from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.deltas import ItemDelta
from shared.contracts.settings import Settings, load_settings
from shared.core.profiles import profile_segments
from shared.core.profiles.profiles import ProfileEffects, Profiles
from shared.core.profiles.told import NOTHING_TOLD, Told, avoids, prefers, segments_of, was
from tests.unit.core.frame_rows import Row, frame_of

categories = st.sampled_from("abcdef")


@given(st.lists(st.tuples(st.booleans(), categories)), st.integers(1, 4))
def test_a_category_is_where_the_last_word_put_it_and_the_newest_stay(words: list[tuple[bool, str]], most: int) -> None:
    told = NOTHING_TOLD
    for likes, category in words:
        told = (prefers if likes else avoids)(told, category, most)
        assert (told.liked if likes else told.avoided)[-1] == category
    last = {category: likes for likes, category in words}
    assert not set(told.liked) & set(told.avoided)
    assert max(len(told.liked), len(told.avoided)) <= most
    assert all(last[category] for category in told.liked)
    assert not any(last[category] for category in told.avoided)


def test_an_older_session_leaves_and_one_that_comes_again_is_the_newest() -> None:
    told = NOTHING_TOLD
    for session in ("s1", "s2", "s1", "s3"):
        told = was(told, session, 2)
    assert told.sessions == ("s1", "s3")


def test_segments_are_named_in_the_order_of_the_settings_and_bounded() -> None:
    record = b'{"user_id":"u","attributes":{"age":30,"gender":"f","vip":true,"name":"Ann","note":"","city":null}}'
    fields = ["gender", "vip", "note", "city", "age", "country"]
    assert segments_of(record, fields, 9) == ("segment:gender=f", "segment:vip=true", "segment:age=30")
    assert segments_of(record, fields, 2) == ("segment:gender=f", "segment:vip=true")
    assert segments_of(b'{"user_id":"u"}', fields, 2) == ()


RULES = load_settings(topics={"frames_partitions": 1, "items_partitions": 1}, profiles={"max_users": 3})


def step_of(*rows: Row, rules: Settings = RULES) -> tuple[Profiles, ProfileEffects]:
    step = Profiles(rules, 0)
    return step, step.step(0, frame_of(list(rows)))


def told_by(step: Profiles, user: str) -> Told | None:
    return step.state.told.get(step.state.users.slots.get(user, -1))


def names(step: Profiles, effects: ProfileEffects) -> set[str]:
    return {step.state.users.names[slot] for slot in effects.touched.tolist()}


def prefer(category: str, user: str = "u", event_id: str | None = None, kind: str = "prefer") -> Row:
    return Row(user, None, kind=kind, record=category.encode(), event_id=event_id)


FEMALE = Row("u", None, kind="user", record=b'{"user_id":"u","attributes":{"gender":"f","name":"Ann"}}')
MALE = Row("u", None, kind="user", record=b'{"user_id":"u","attributes":{"gender":"m"}}')
NAMELESS = Row("u", None, kind="user", record=b'{"user_id":"u"}')
GONE = Row("u", None, kind="user")


def test_words_are_kept_in_the_order_of_the_log_and_their_user_is_touched() -> None:
    identify = Row("u", None, kind="identify", session="s-7")
    step, effects = step_of(prefer("tea"), prefer("café"), prefer("tea", kind="avoid"), identify, FEMALE)
    assert told_by(step, "u") == Told(("café",), ("tea",), ("s-7",), ("segment:gender=f",))
    assert names(step, effects) == {"u"}
    assert step.state.history("u") == []


def test_a_word_that_is_sent_again_says_nothing_again() -> None:
    step, effects = step_of(
        prefer("tea", event_id="1"), prefer("tea", kind="avoid", event_id="2"), prefer("tea", event_id="1")
    )
    assert told_by(step, "u") == Told(avoided=("tea",))
    assert effects.repeated == 1


def test_what_names_no_category_or_session_says_nothing() -> None:
    step, effects = step_of(
        Row("u", None, kind="prefer"), Row("u", None, kind="identify"), Row("u", "a", record=b"tea")
    )
    assert told_by(step, "u") is None
    assert names(step, effects) == {"u"}


def test_a_record_replaces_the_one_before_and_touches_its_user() -> None:
    step, effects = step_of(FEMALE)
    assert names(step, effects) == {"u"}
    effects = step.step(1, frame_of([MALE], first_offset=10))
    assert told_by(step, "u") == Told(segments=("segment:gender=m",))
    assert names(step, effects) == {"u"}
    step.step(2, frame_of([NAMELESS], first_offset=20))
    assert told_by(step, "u") is None


def test_a_record_that_makes_no_segment_makes_nobody_known() -> None:
    step, effects = step_of(NAMELESS)
    assert not step.state.users.slots
    assert names(step, effects) == set()


def test_nothing_is_left_of_who_is_forgotten_or_leaves() -> None:
    step, effects = step_of(prefer("tea"), FEMALE, GONE)
    assert not step.state.told
    assert names(step, effects) == set()
    step, _ = step_of(prefer("tea"), *(Row(name, "a", n) for n, name in enumerate("vwxy", 1)))
    assert "u" not in step.state.users.slots
    assert not step.state.told
    step, _ = step_of(FEMALE, GONE, Row("v", "a"))
    assert told_by(step, "v") is None, "who has the slot now has told nothing"


def test_who_comes_again_after_a_tombstone_has_told_only_that() -> None:
    step, effects = step_of(FEMALE, prefer("tea"), GONE, MALE)
    assert told_by(step, "u") == Told(segments=("segment:gender=m",))
    assert names(step, effects) == {"u"}


def scoped(delta: ItemDelta) -> list[tuple[str, str]]:
    columns = (delta.column(name).tolist() for name in ("scope_name", "scope_item"))
    return [(delta.scopes[scope], delta.items[item]) for scope, item in zip(*columns, strict=True)]


def test_events_count_within_the_segments_that_their_user_is_of_at_that_row() -> None:
    rows = [
        Row("u", "a"),
        FEMALE,
        Row("u", "b", 1),
        Row("v", "b", 1),
        MALE,
        Row("u", "c", 2),
        NAMELESS,
        Row("u", "d", 3),
    ]
    _, effects = step_of(*rows)
    [(_, delta)] = effects.deltas
    assert scoped(delta) == [("segment:gender=f", "b"), ("segment:gender=m", "c")]


def test_without_room_for_contexts_nothing_counts_within_segments() -> None:
    none = RULES.model_copy(update={"popularity": RULES.popularity.model_copy(update={"max_contexts": 0})})
    step, effects = step_of(FEMALE, Row("u", "b", 1), rules=none)
    [(_, delta)] = effects.deltas
    assert scoped(delta) == []
    assert told_by(step, "u") == Told(segments=("segment:gender=f",))


def test_segments_of_a_state_are_as_large_as_what_was_told_allows() -> None:
    """Of many users with much to say, each segment stays below a record's bound; a word moves one of them."""
    rules = load_settings(profiles={"max_users": 5000})
    step = Profiles(rules, 0)
    long = "x" * 250
    step.step(0, frame_of([prefer(f"{n}-{long}", user=f"u{user}") for n in range(16) for user in range(1500)]))
    before = profile_segments.take(step.state)
    told = {name: segment for name, segment in before.items() if name.startswith("told-")}
    assert len(told) > 2
    assert max(map(len, told.values())) <= 1_000_000 + 10_000
    step.step(1, frame_of([prefer("tea", user="u3")], first_offset=100_000))
    after = profile_segments.take(step.state)
    assert sum(after[name] != before[name] for name in told) == 1
    assert profile_segments.restore(rules.profiles, after).told == step.state.told
