"""Plain events read from the bytes of a whole batch at once; which other events are right is for `contracts/events.py`.

Plain is what nearly every event is: printable ASCII, flat, known fields once each, ids right as they are, and numbers
that are short. Whatever is not clearly so is left alone: what is read here, the contract reads just the same.
"""

from dataclasses import dataclass

import numpy as np

from shared.core.kernel import Flags, Floats, Longs, kernel
from shared.core.texts.text_slots import Text

LONGEST = 2048
"""Bytes of a record that may be plain."""
QUOTE, COMMA, COLON, DOT, OPEN, CLOSE, BACKSLASH, BLANK, ZERO, NINE, LAST = b'",:.{}\\ 09~'
USER, ITEM, SESSION, EVENT, REC, TS, VALUE, VERSION = range(8)
"""Fields of an event. The first :data:`TEXTS` are texts, the first :data:`IDS` of them must have no blank at an end."""
TEXTS, IDS = 5, 3
NEEDED = 1 << USER | 1 << ITEM | 1 << TS
_NAMES = (b"user_id", b"item_id", b"session_id", b"event_id", b"rec_id", b"ts", b"value", b"v")
NAMES = np.frombuffer(b"".join(name.ljust(10) for name in _NAMES), dtype=np.uint8).reshape(8, 10)
SIZES = np.array([len(name) for name in _NAMES])
DIGITS = 15  # as many are exact in 64 bits of either kind
POWERS = 10.0 ** np.arange(DIGITS + 1)
NO = -1


@dataclass(frozen=True, slots=True)
class PlainEvents:
    """What was read of n records; of one that is not plain nothing is true but that."""

    plain: Flags  # bool[n]
    spans: Longs  # int64[n, 5, 2]: where each text starts and ends, (0, 0) for one that is not given
    ts: Longs  # int64[n]
    value: Floats  # float64[n], NaN for none


def plain_events(text: Text, ends: Longs, latest: Longs, min_ts: int, longest: int) -> PlainEvents:
    """``text`` is of all records, ``ends`` int64[n] is where each of them ends there. An event's time is from
    ``min_ts`` to its ``latest`` (int64[n]; 0 where the record must not be plain), an id has at most ``longest``
    characters. O(bytes).
    """
    n = len(ends)
    found = PlainEvents(
        np.zeros(n, dtype=np.bool_),
        np.zeros((n, TEXTS, 2), dtype=np.int64),
        np.zeros(n, dtype=np.int64),
        np.full(n, np.nan),
    )
    read_each(text, ends, latest, min_ts, longest, found.plain, found.spans, found.ts, found.value)
    return found


@kernel
def read_each(
    text: Text,
    ends: Longs,
    latest: Longs,
    min_ts: int,
    longest: int,
    plain: Flags,
    spans: Longs,
    ts: Longs,
    value: Floats,
) -> None:
    start = 0
    for n in range(len(ends)):
        if latest[n] > 0 and read_event(text, start, ends[n], spans[n], ts[n : n + 1], value[n : n + 1]):
            plain[n] = min_ts <= ts[n] <= latest[n] and right(text, spans[n], longest)
        start = ends[n]


@kernel
def read_event(text: Text, start: int, end: int, spans: Longs, ts: Longs, value: Floats) -> bool:
    """Whether a record is a flat object of known fields, each as a plain event has it, and has those that it needs."""
    last, at, seen = end - 1, start + 1, 0
    if last <= start or text[start] != OPEN or text[last] != CLOSE:
        return False
    while True:
        stop = end_of_text(text, at, last)
        field = field_of(text, at + 1, stop)
        if field == NO or seen >> field & 1 or stop + 1 >= last or text[stop + 1] != COLON:
            return False
        seen |= 1 << field
        at = past_blanks(text, stop + 2, last)
        if field < TEXTS:
            stop = end_of_text(text, at, last)
            spans[field, 0], spans[field, 1] = at + 1, stop
            at = stop + 1 if stop != NO else NO
        else:
            at = read_number(text, at, last, field, ts, value)
        if at == NO:
            return False
        if at == last:
            return seen & NEEDED == NEEDED
        if text[at] != COMMA:
            return False
        at = past_blanks(text, at + 1, last)


@kernel
def past_blanks(text: Text, at: int, last: int) -> int:
    while at < last and text[at] == BLANK:
        at += 1
    return at


@kernel
def end_of_text(text: Text, at: int, last: int) -> int:
    """Where the closing quote of the text that begins at ``at`` stands, before ``last``."""
    if at >= last or text[at] != QUOTE:
        return NO
    for stop in range(at + 1, last):
        byte = text[stop]
        if byte == QUOTE:
            return stop
        if byte < BLANK or byte > LAST or byte == BACKSLASH:
            break
    return NO


@kernel
def field_of(text: Text, start: int, stop: int) -> int:
    for field in range(len(SIZES)):
        if stop - start == SIZES[field]:
            n = 0
            while n < SIZES[field] and text[start + n] == NAMES[field, n]:
                n += 1
            if n == SIZES[field]:
                return field
    return NO


@kernel
def read_number(text: Text, at: int, last: int, field: int, ts: Longs, value: Floats) -> int:
    """Where it ends. A decimal of few digits divided by a power of ten that is exact, too, is rounded once: right."""
    whole, number = past_digits(text, at, last, 0)
    stop, places = whole, 0
    if whole < last and text[whole] == DOT:
        stop, number = past_digits(text, whole + 1, last, number)
        places = stop - whole - 1
        if places == 0 or field != VALUE:
            return NO
    if whole == at or stop - at > DIGITS + (places > 0) or (text[at] == ZERO and whole - at > 1):
        return NO
    if field == TS:
        ts[0] = number
    elif field == VALUE:
        value[0] = number / POWERS[places]
    elif number != 1:
        return NO
    return stop


@kernel
def past_digits(text: Text, at: int, last: int, number: int) -> tuple[int, int]:
    """Where digits end, and the number with them after those that it has. Of what is too long, wrong: nobody asks."""
    stop = at
    while stop < last and ZERO <= text[stop] <= NINE and stop - at <= DIGITS:
        number = (10 * number + int(text[stop]) - ZERO) & 0xFFFFFFFFFFFFFFF
        stop += 1
    return stop, number


@kernel
def right(text: Text, spans: Longs, longest: int) -> bool:
    """Whether every text that is given has a length that is allowed, and ids no blank at an end."""
    for field in range(TEXTS):
        start, stop = spans[field]
        if start == 0:
            continue
        if not 0 < stop - start <= longest:
            return False
        if field < IDS and (text[start] == BLANK or text[stop - 1] == BLANK):
            return False
    return True
