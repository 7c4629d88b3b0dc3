"""What is read from lists that the kernel wrote is what they are of."""

from dataclasses import dataclass, field, replace

import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.source_letters import letters_of
from shared.contracts.views import ENCODER, VIEW_VERSION, View, decode_view, encode_view
from shared.core.tables.interning import Interner
from shared.core.texts.encoded_ids import EncodedIds
from shared.core.texts.list_texts import Columns, head, list_texts

AT, CODES, DIGITS = "000001-0000000000000007", ["together", "trend", "alike"], 3
LENGTH = 4
ids = st.text(min_size=1, max_size=8)
some = st.lists(ids, max_size=LENGTH, unique=True)
numbers = st.integers(-(10**15), 10**15)
scores = st.one_of(st.floats(-9e9, 9e9), st.floats(-2, 2), st.integers(-50, 50).map(float), st.just(4.35e-6))


@dataclass
class Person:
    user: str
    items: list[tuple[str, float, int]]
    seen: list[str] = field(default_factory=list)
    recent: list[str] = field(default_factory=list)
    explore: list[str] = field(default_factory=list)
    visits: int = 0
    ts: int = 0
    again: list[tuple[str, int, int]] = field(default_factory=list)
    liked: list[str] = field(default_factory=list)

    def view(self) -> View:
        """The plain twin."""
        return View(
            v=VIEW_VERSION, at=AT, ts=self.ts, source="personal", model="m",
            items=[item for item, _, _ in self.items],
            scores=np.round([score for _, score, _ in self.items], DIGITS).tolist(),
            why=[CODES[why] for _, _, why in self.items],
            user_id=self.user, seen=self.seen, recent=self.recent, visits=self.visits, again=self.again,
            explore=self.explore, liked=self.liked,
        )  # fmt: skip


def told_by_seen(one: Person) -> Person:
    """Their newest items are the first of those seen: as where nothing may come again."""
    return replace(one, recent=one.seen[: len(one.recent)])


persons = st.builds(
    Person,
    user=ids,
    items=st.lists(st.tuples(ids, scores, st.integers(0, 2)), max_size=LENGTH),
    seen=some, recent=some, explore=some,
    visits=st.integers(0, 10**6), ts=numbers,
    again=st.lists(st.tuples(ids, st.integers(0, 9), numbers), max_size=2),
    liked=some,
)  # fmt: skip
people = st.lists(persons | persons.map(told_by_seen), max_size=4)


def shorter(one: Person) -> list[str]:
    """The names of a view's fields in their order, as a list is stored."""
    known = list(msgspec.json.decode(encode_view(one.view())))
    instead = {"why": "by"} | ({"recent": "newest"} if one.seen[: len(one.recent)] == one.recent else {})
    return [instead.get(name, name) for name in known]


def written(them: list[Person], held: EncodedIds) -> list[bytes]:
    table = held.table

    def block(parts: list[list[str]]) -> np.ndarray:
        rows = np.full((len(parts), LENGTH), -1, dtype=np.int32)
        for row, part in zip(rows, parts, strict=True):
            row[: len(part)] = table.intern(part)
        return rows

    def padded(kind: type, parts: list[list[float]]) -> np.ndarray:
        return np.array([[*part, *[0] * (LENGTH - len(part))] for part in parts], dtype=kind).reshape(-1, LENGTH)

    columns = Columns(
        block([[item for item, _, _ in one.items] for one in them]),
        np.array([len(one.items) for one in them], dtype=np.int32),
        padded(np.float64, [[score for _, score, _ in one.items] for one in them]),
        padded(np.int32, [[why for _, _, why in one.items] for one in them]),
        block([one.seen for one in them]),
        block([one.recent for one in them]),
        block([one.explore for one in them]),
        np.array([one.visits for one in them], dtype=np.int32),
        np.array([one.ts for one in them], dtype=np.int64),
    )
    own = []
    for one in them:
        own.append(head(AT))
        own.append(b',"user_id":' + ENCODER.encode(one.user))
        own.append(b',"again":' + ENCODER.encode(one.again) if one.again else b"")
        own.append(b',"liked":' + ENCODER.encode(one.liked) if one.liked else b"")
    return list_texts("personal", "m", columns, own, held, DIGITS, letters_of(CODES))


@given(first=people, second=people)
def test_each_text_says_what_the_view_says_in_the_same_order(first: list[Person], second: list[Person]) -> None:
    held = EncodedIds(Interner(10_000), ENCODER.encode)
    for them in (first, second):  # the second time some ids are quoted already
        made = written(them, held)
        assert [decode_view(raw) for raw in made] == [one.view() for one in them]
        assert [list(msgspec.json.decode(raw)) for raw in made] == [shorter(one) for one in them]


def test_the_table_of_ids_grows_with_what_is_quoted() -> None:
    held = EncodedIds(Interner(10**6), ENCODER.encode)
    for n in range(300):
        them = [
            Person("u", [(f"{n}-{k}-" + "x" * 200, 1.0, 0) for k in range(LENGTH)], seen=[f"{n}-{k}" for k in "ab"])
        ]
        assert decode_view(written(them, held)[0]) == them[0].view()
    assert len(held.table) == 300 * (LENGTH + 2) > 1024
