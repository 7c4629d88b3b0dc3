"""The JSON of many users' lists at once, by one kernel: what is read from it is the :class:`View` that it is of.

An item's neighbours are such a list, too.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from shared.core.kernel import Floats, Ints, Longs, kernel, making_kernel
from shared.core.texts.encoded_ids import Encoded, EncodedIds, Texts, cut, texts
from shared.core.texts.text_kernels import NUMBER, Bytes, put_ids, put_letters, put_number, put_scores, put_text

ITEMS, SCORES, BY, SEEN, NEWEST, RECENT, VISITS, EXPLORE = range(8)
"""Of what all lists have in common, by number."""
HEAD, WHOSE, AGAIN, TOLD, PARTS = range(5)
"""Of what each user's has of its own."""


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


def head(at: str) -> bytes:
    """How the text of a list as of ``at`` begins."""
    return b'{"v":1,"at":"%s","ts":' % at.encode()


def list_texts(
    source: str, model: str, columns: Columns, own: Sequence[bytes], ids: EncodedIds, digits: int, letters: bytes = b""
) -> list[bytes]:
    """User after user, or item after item. ``own``: of each :data:`PARTS` texts, its :func:`head`, whose list it is,
    what may come again, what they told: JSON from a comma on, or nothing. ``digits``: of scores, after the point.
    ``letters``: of each number in ``why`` its own; without any, nothing is told of it. O(bytes).
    """
    quoted = ids.hold(columns.items, columns.seen, columns.recent, columns.explore)
    items = b',"source":"%s","model":"%s","items":' % (source.encode(), model.encode())
    fixed = texts([items, *(b',"%s":' % name for name in _NAMES)])
    by = np.frombuffer(letters, dtype=np.uint8)
    out, ends = write_each(columns, fixed, texts(own), by, quoted, digits)
    return cut(out, ends)


_NAMES = (b"scores", b"by", b"seen", b"newest", b"recent", b"visits", b"explore")


@kernel
def bytes_of(slots: Ints, size: Ints) -> int:
    """At most so many has an array of them."""
    most = 2
    for slot in slots:
        if slot >= 0:
            most += size[slot] + 1
    return most


@kernel
def room_for(columns: Columns, fixed: Texts, own: Texts, ids: Encoded) -> int:
    """Bytes that the texts take at most."""
    users = len(columns.items)
    room = len(own.text) + users * (len(fixed.text) + 3 * NUMBER + 10)
    for user in range(users):
        length = columns.lengths[user]
        room += bytes_of(columns.items[user, :length], ids.size) + length * (NUMBER + 1)
        for slots in (columns.seen[user], columns.recent[user], columns.explore[user]):
            room += bytes_of(slots, ids.size)
    return int(room)


@kernel
def put_part(out: Bytes, at: int, parts: Texts, number: int) -> int:
    return put_text(out, at, parts.text, parts.start[number], parts.start[number + 1])


@kernel
def names_any(slots: Ints) -> bool:
    at = 0
    while at < len(slots) and slots[at] < 0:
        at += 1
    return at < len(slots)


@kernel
def put_some(out: Bytes, at: int, fixed: Texts, number: int, slots: Ints, ids: Encoded) -> int:
    """The field of that number, if there is anything in it."""
    if not names_any(slots):
        return at
    at = put_part(out, at, fixed, number)
    return put_ids(out, at, slots, ids.text, ids.start, ids.size)


@kernel
def size_of_front(slots: Ints, those: Ints) -> int:
    """How many there are, if ``those`` begin with them; else -1."""
    size = 0
    while size < min(len(slots), len(those)) and slots[size] >= 0 and slots[size] == those[size]:
        size += 1
    return -1 if names_any(slots[size:]) else size


@kernel
def put_newest(out: Bytes, at: int, fixed: Texts, recent: Ints, seen: Ints, ids: Encoded) -> int:
    """How many of ``seen`` they are, or they themselves."""
    front = size_of_front(recent, seen)
    if front > 0:
        at = put_part(out, at, fixed, NEWEST)
        return put_number(out, at, front)
    return put_some(out, at, fixed, RECENT, recent, ids)


@making_kernel
def write_each(
    columns: Columns, fixed: Texts, own: Texts, letters: Bytes, ids: Encoded, digits: int
) -> tuple[Bytes, Longs]:
    """All texts, and where each ends."""
    out = np.empty(room_for(columns, fixed, own, ids), dtype=np.uint8)
    ends, at = np.empty(len(columns.items), dtype=np.int64), 0
    for user in range(len(ends)):
        length, mine = columns.lengths[user], PARTS * user
        at = put_part(out, at, own, mine + HEAD)
        at = put_number(out, at, columns.ts[user])
        at = put_part(out, at, fixed, ITEMS)
        at = put_ids(out, at, columns.items[user, :length], ids.text, ids.start, ids.size)
        at = put_part(out, at, fixed, SCORES)
        at = put_scores(out, at, columns.scores[user, :length], digits)
        if length and len(letters):
            at = put_part(out, at, fixed, BY)
            at = put_letters(out, at, columns.why[user, :length], letters)
        at = put_part(out, at, own, mine + WHOSE)
        at = put_some(out, at, fixed, SEEN, columns.seen[user], ids)
        at = put_newest(out, at, fixed, columns.recent[user], columns.seen[user], ids)
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
