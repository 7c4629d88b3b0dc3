"""The JSON of many users' lists at once: of each what ``encode_view`` makes of its :class:`View`, by one kernel.

Most of a list's text are ids. Each is quoted once, when it is first met, and copied from then on.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from shared.core.interning import Interner, grown
from shared.core.kernel import Floats, Ints, Longs, kernel
from shared.core.text_kernels import NUMBER, Bytes, put_ids, put_number, put_scores, put_text, put_words

HEAD, ITEMS, SCORES, WHY, SEEN, RECENT, VISITS, EXPLORE = range(8)
"""Of what all lists have in common, by number."""
WHOSE, AGAIN, TOLD, PARTS = range(4)
"""Of what each user's has of its own."""


class Texts(NamedTuple):
    """Texts one after the other, text n from ``start[n]`` to ``start[n + 1]``."""

    text: Bytes
    start: Longs


class Quoted(NamedTuple):
    """By slot: ``text`` from ``start`` on, ``size`` bytes."""

    text: Bytes
    start: Longs
    size: Ints


class Columns(NamedTuple):
    """What is in lists, a row per user: ``items`` int32[users, length] of which ``lengths`` int32[users] count, with
    ``scores`` float64 and ``why`` int32 (a word's number) likewise; ``seen``, ``recent``, ``explore`` int32[users,
    any], -1 for none; ``visits`` int32[users], ``ts`` int64[users].
    """

    items: Ints
    lengths: Ints
    scores: Floats
    why: Ints
    seen: Ints
    recent: Ints
    explore: Ints
    visits: Ints
    ts: Longs


class QuotedIds:
    """Ids of a table as JSON, by its slots, as far as they were wanted. Of a table whose slots keep their ids."""

    def __init__(self, table: Interner) -> None:
        self.table = table
        self.quoted = Quoted(
            np.empty(1 << 16, dtype=np.uint8),
            np.zeros(table.capacity, dtype=np.int64),
            np.zeros(table.capacity, dtype=np.int32),
        )
        self._used = 0

    def hold(self, slots: Ints) -> None:
        """Have these (-1: none) quoted. O(slots), and the ids that are new."""
        text, start, size = self.quoted
        if self.table.capacity > len(size):
            start, size = grown(start, self.table.capacity), grown(size, self.table.capacity)
        new = np.unique(not_quoted(slots, size))
        parts = [msgspec.json.encode(self.table.names[slot]) for slot in new.tolist()]
        size[new] = [len(part) for part in parts]
        ends = self._used + np.cumsum(size[new], dtype=np.int64)
        start[new] = ends - size[new]
        first, self._used = self._used, int(ends[-1]) if len(new) else self._used
        while self._used > len(text):
            text = grown(text, 2 * len(text))
        text[first : self._used] = np.frombuffer(b"".join(parts), dtype=np.uint8)
        self.quoted = Quoted(text, start, size)


def texts(parts: Sequence[bytes]) -> Texts:
    """Of the parts."""
    start: Longs = np.zeros(len(parts) + 1, dtype=np.int64)
    np.cumsum([len(part) for part in parts], out=start[1:])
    return Texts(np.frombuffer(b"".join(parts), dtype=np.uint8), start)


def list_texts(
    at: str, source: str, model: str, columns: Columns, own: Sequence[bytes], words: Sequence[str], ids: QuotedIds
) -> list[bytes]:
    """User after user. ``own``: of each :data:`PARTS` texts, whose list it is, what may come again, what they told:
    JSON from a comma on, or nothing. O(bytes).
    """
    for slots in (columns.items, columns.seen, columns.recent, columns.explore):
        ids.hold(slots.ravel())
    head = b'{"v":1,"at":"%s","ts":' % at.encode()
    items = b',"source":"%s","model":"%s","items":' % (source.encode(), model.encode())
    fixed = texts([head, items, *(b',"%s":' % name for name in _NAMES)])
    why = texts([msgspec.json.encode(word) for word in words])
    out, ends = write_each(columns, fixed, texts(own), why, ids.quoted)
    raw, start = out.tobytes(), 0
    made = []
    for end in ends.tolist():
        made.append(raw[start:end])
        start = end
    return made


_NAMES = (b"scores", b"why", b"seen", b"recent", b"visits", b"explore")


@kernel
def not_quoted(slots: Ints, size: Ints) -> Ints:
    """Of the slots, those without a size, as often as they are met."""
    found, n = np.empty(len(slots), dtype=np.int32), 0
    for slot in slots:
        if slot >= 0 and size[slot] == 0:
            found[n] = slot
            n += 1
    return found[:n]


@kernel
def bytes_of(slots: Ints, size: Ints) -> int:
    """At most so many has an array of them."""
    most = 2
    for slot in slots:
        if slot >= 0:
            most += size[slot] + 1
    return most


@kernel
def room_for(columns: Columns, fixed: Texts, own: Texts, why: Texts, ids: Quoted) -> int:
    """Bytes that the texts take at most."""
    users = len(columns.items)
    room = len(own.text) + users * (len(fixed.text) + 2 * NUMBER + 8)
    widest = (why.start[1:] - why.start[:-1]).max()
    for user in range(users):
        length = columns.lengths[user]
        room += bytes_of(columns.items[user, :length], ids.size) + length * (NUMBER + widest + 1)
        for slots in (columns.seen[user], columns.recent[user], columns.explore[user]):
            room += bytes_of(slots, ids.size)
    return int(room)


@kernel
def put_part(out: Bytes, at: int, parts: Texts, number: int) -> int:
    return put_text(out, at, parts.text, parts.start[number], parts.start[number + 1])


@kernel
def put_some(out: Bytes, at: int, fixed: Texts, number: int, slots: Ints, ids: Quoted) -> int:
    """The field of that number, if there is anything in it."""
    if not (slots >= 0).any():
        return at
    at = put_part(out, at, fixed, number)
    return put_ids(out, at, slots, ids.text, ids.start, ids.size)


@kernel
def write_each(columns: Columns, fixed: Texts, own: Texts, why: Texts, ids: Quoted) -> tuple[Bytes, Longs]:
    """All texts, and where each ends."""
    out = np.empty(room_for(columns, fixed, own, why, ids), dtype=np.uint8)
    ends, at = np.empty(len(columns.items), dtype=np.int64), 0
    for user in range(len(ends)):
        length, mine = columns.lengths[user], PARTS * user
        at = put_part(out, at, fixed, HEAD)
        at = put_number(out, at, columns.ts[user])
        at = put_part(out, at, fixed, ITEMS)
        at = put_ids(out, at, columns.items[user, :length], ids.text, ids.start, ids.size)
        at = put_part(out, at, fixed, SCORES)
        at = put_scores(out, at, columns.scores[user, :length])
        if length:
            at = put_part(out, at, fixed, WHY)
            at = put_words(out, at, columns.why[user, :length], why.text, why.start)
        at = put_part(out, at, own, mine + WHOSE)
        at = put_some(out, at, fixed, SEEN, columns.seen[user], ids)
        at = put_some(out, at, fixed, RECENT, columns.recent[user], ids)
        if columns.visits[user]:
            at = put_part(out, at, fixed, VISITS)
            at = put_number(out, at, columns.visits[user])
        at = put_part(out, at, own, mine + AGAIN)
        at = put_some(out, at, fixed, EXPLORE, columns.explore[user], ids)
        at = put_part(out, at, own, mine + TOLD)
        out[at] = CLOSE_BRACE
        at += 1
        ends[user] = at
    return out[:at], ends


CLOSE_BRACE = ord("}")
