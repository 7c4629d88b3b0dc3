"""Numbers of ids, found by an id's bytes in the text of a batch: a string is made only of an id that is new."""

from collections.abc import Callable

import numpy as np

from shared.contracts.ids import Ids
from shared.core.arithmetic.digests import digests
from shared.core.kernel import Flags, Ints, Keys, Longs, kernel
from shared.core.tables.interning import grown
from shared.core.tables.slot_index import FREE, KeyIndex, place_with
from shared.core.texts.carried_ids import ids_at
from shared.core.texts.encoded_ids import EncodedTexts
from shared.core.texts.text_slots import Text, keys_of

FIRST_ROOM = 1024
NO = -1


class IdNumbers:
    """``texts`` and ``owners`` (int32) by number. ``named`` says what an id is known as: None if that is not for here,
    and ``owner`` whose that is. Some bytes are an id only if all of them are the same: a digest finds them, no more.
    """

    def __init__(self, named: Callable[[str], str | None], owner: Callable[[str], int] = lambda _: 0) -> None:
        self._named, self._owner = named, owner
        self.clear()

    def clear(self) -> None:
        """Numbers that were given are no more."""
        self.texts: list[str] = []
        self._owned: list[int] = []  # `owners`, for who asks for one
        self.owners: Ints = np.zeros(FIRST_ROOM, dtype=np.int32)
        self._digests: Keys = np.zeros(FIRST_ROOM, dtype=np.uint64)
        self._known = EncodedTexts()
        self._encoded = 0  # so many of the texts, and their digests
        self._numbers: dict[str, int] = {}
        self._index = KeyIndex()
        self._keys: Keys = np.zeros(FIRST_ROOM, dtype=np.uint64)
        self._spans: Longs = np.zeros((FIRST_ROOM, 2), dtype=np.int64)
        self._live: Flags = np.zeros(FIRST_ROOM, dtype=np.bool_)
        self._bytes: Text = np.zeros(FIRST_ROOM, dtype=np.uint8)
        self._used = 0

    def __len__(self) -> int:
        return len(self.texts)

    def at(self, numbers: Ints) -> Ids:
        """What they are known as, for a record. O(bytes), and of texts that are new since it was last asked."""
        new = self.texts[self._encoded :]
        if new:
            if len(self.texts) > len(self._digests):
                self._digests = grown(self._digests, 2 * len(self.texts))
            self._digests[self._encoded : len(self.texts)] = digests(new)
            self._known.grow(len(self._digests))
            fresh = np.arange(self._encoded, len(self.texts), dtype=np.int32)
            self._known.put(fresh, [text.encode() for text in new])
            self._encoded = len(self.texts)
        return ids_at(numbers, self._known.held, self._digests)

    def number(self, text: str) -> int:
        """Of an id by the name that it is known as; O(1)."""
        found = self._numbers.get(text)
        if found is None:
            found = self._numbers[text] = len(self.texts)
            self.texts.append(text)
            self._hold(len(self.texts))
            owner = self.owners[found] = self._owner(text)
            self._owned.append(owner)
        return found

    def owner(self, text: str) -> int:
        """Whose it is."""
        found = self._numbers.get(text)
        return self._owned[self.number(text) if found is None else found]

    def _hold(self, many: int) -> None:
        if many > len(self._keys):
            room = 2 * many
            self.owners, self._keys = grown(self.owners, room), grown(self._keys, room)
            self._spans, self._live = grown(self._spans, room), grown(self._live, room)

    def find(self, raw: bytes, spans: Longs) -> Ints:
        """int32[n]: the numbers of the ids at ``spans`` (int64[n, 2]) in ``raw``, ASCII; -1 for what is not for here.
        O(bytes), and Python for each id that is new.
        """
        text = np.frombuffer(raw, dtype=np.uint8)
        found = np.empty(len(spans), dtype=np.int32)
        numbers_at(text, spans, self._index.table, self._keys, self._bytes, self._spans, found)
        new = np.flatnonzero(found == NO)
        if len(new):
            for n, (start, end) in zip(new.tolist(), spans[new].tolist(), strict=True):
                name = self._named(raw[start:end].decode())
                found[n] = NO if name is None else self.number(name)
            self._enter(text, spans[new], found[new])
        return found

    def _enter(self, text: Text, spans: Longs, numbers: Ints) -> None:
        """What was named is found by its bytes from now on."""
        distinct, first = np.unique(numbers, return_index=True)
        wanted = (distinct != NO) & ~self._live[distinct]
        distinct, first = distinct[wanted], first[wanted]
        if not len(distinct):
            return
        room = self._used + int((spans[first, 1] - spans[first, 0]).sum())
        if room > len(self._bytes):
            self._bytes = grown(self._bytes, 2 * room)
        keep_each(text, spans[first], distinct, self._used, self._bytes, self._spans, self._keys)
        self._used = room
        self._live[distinct] = True
        self._index.put(distinct, self._keys, lambda: np.flatnonzero(self._live).astype(np.int32))


@kernel
def numbers_at(text: Text, spans: Longs, table: Ints, keys: Keys, kept: Text, places: Longs, out: Ints) -> None:
    """``keys`` by number; ``kept`` is the bytes of the ids that there are, ``places`` by number where they stand."""
    for n in range(len(spans)):
        start, end = spans[n]
        number = table[place_with(keys_of(text, start, end)[0], keys, table)]
        out[n] = number if number != FREE and same(text, start, end, kept, places[number]) else NO


@kernel
def same(text: Text, start: int, end: int, kept: Text, place: Longs) -> bool:
    if place[1] - place[0] != end - start:
        return False
    n = 0
    while n < end - start and text[start + n] == kept[place[0] + n]:
        n += 1
    return n == int(end - start)


@kernel
def keep_each(text: Text, spans: Longs, numbers: Ints, used: int, kept: Text, places: Longs, keys: Keys) -> None:
    for n in range(len(spans)):
        start, end = spans[n]
        number = numbers[n]
        keys[number] = keys_of(text, start, end)[0]
        places[number, 0] = used
        for at in range(start, end):
            kept[used] = text[at]
            used += 1
        places[number, 1] = used
