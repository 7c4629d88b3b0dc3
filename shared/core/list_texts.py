"""The JSON of many users' lists at once: of each what ``encode_view`` makes of its :class:`View`, by one kernel.

An item's neighbours are such a list, too.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from shared.core.kernel import Floats, Ints, Longs, kernel, part_of_kernel
from shared.core.quoting import Quoted, QuotedIds, Texts, cut, texts
from shared.core.text_kernels import NUMBER, Bytes, put_ids, put_number, put_scores, put_text, put_words

ITEMS, SCORES, WHY, SEEN, RECENT, VISITS, EXPLORE = range(7)
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
    source: str, model: str, columns: Columns, own: Sequence[bytes], words: Sequence[str], ids: QuotedIds
) -> list[bytes]:
    """User after user, or item after item. ``own``: of each :data:`PARTS` texts, its :func:`head`, whose list it is,
    what may come again, what they told: JSON from a comma on, or nothing. Without ``words`` there is no ``why``.
    O(bytes).
    """
    quoted = ids.hold(columns.items, columns.seen, columns.recent, columns.explore)
    items = b',"source":"%s","model":"%s","items":' % (source.encode(), model.encode())
    fixed = texts([items, *(b',"%s":' % name for name in _NAMES)])
    why = texts([msgspec.json.encode(word) for word in words])
    out, ends = write_each(columns, fixed, texts(own), why, quoted)
    return cut(out, ends)


_NAMES = (b"scores", b"why", b"seen", b"recent", b"visits", b"explore")


@part_of_kernel
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
    for user in range(users):
        length = columns.lengths[user]
        room += bytes_of(columns.items[user, :length], ids.size) + length * (NUMBER + len(why.text) + 1)
        for slots in (columns.seen[user], columns.recent[user], columns.explore[user]):
            room += bytes_of(slots, ids.size)
    return int(room)


@part_of_kernel
def put_part(out: Bytes, at: int, parts: Texts, number: int) -> int:
    return put_text(out, at, parts.text, parts.start[number], parts.start[number + 1])


@part_of_kernel
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
        at = put_part(out, at, own, mine + HEAD)
        at = put_number(out, at, columns.ts[user])
        at = put_part(out, at, fixed, ITEMS)
        at = put_ids(out, at, columns.items[user, :length], ids.text, ids.start, ids.size)
        at = put_part(out, at, fixed, SCORES)
        at = put_scores(out, at, columns.scores[user, :length])
        if length and len(why.text):
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
