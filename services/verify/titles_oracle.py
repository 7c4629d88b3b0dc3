"""Terms of items' titles, in plain Python: who has which, and how many have each."""

import math
import unicodedata
from collections.abc import Iterable
from itertools import chain, groupby, islice

from services.verify.logarithm import log2
from services.verify.ties import order_key
from shared.contracts.catalogue import ItemRecord

LONGEST_TITLE, SHORTEST_TERM = 16, 2
WALKED = 200


def words(record: ItemRecord) -> tuple[str, ...]:
    """The first different ones of the title that are neither in the brand nor in a category."""
    elsewhere = _words(record.brand or "")
    for category in record.categories:
        elsewhere |= _words(category)
    return tuple(word for word in _words(record.title) if word not in elsewhere)[:LONGEST_TITLE]


def _words(text: str) -> dict[str, None]:
    """Different runs of letters and digits, without case, in their order."""
    plain = unicodedata.normalize("NFC", text.casefold())
    runs = ["".join(run) for is_word, run in groupby(plain, key=str.isalnum) if is_word]
    return dict.fromkeys(run for run in runs if len(run) >= SHORTEST_TERM)


class TitlesOracle:
    """``terms``: of each item that has any. At most ``most`` different ones are known at a time."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.terms: dict[str, tuple[str, ...]] = {}
        self._holders: dict[str, dict[str, None]] = {}
        """By term: the items, in the order in which they were filed."""

    def file(self, item: str, record: ItemRecord) -> None:
        """Of an item without a title."""
        known = []
        for word in words(record):
            if word in self._holders or len(self._holders) < self._most:
                self._holders.setdefault(word, {})[item] = None
                known.append(word)
        if known:
            self.terms[item] = tuple(known)

    def unfile(self, item: str) -> None:
        """It has no title any more."""
        for word in self.terms.pop(item, ()):
            del self._holders[word][item]
            if not self._holders[word]:
                del self._holders[word]

    def sharing(self, item: str) -> list[str]:
        """The first of its rarest terms' items, of each term those that were filed last first."""
        rarest = sorted(self.terms.get(item, ()), key=lambda term: len(self._holders[term]))
        return list(islice(chain.from_iterable(reversed(self._holders[term]) for term in rarest), WALKED))

    def cosine(self, item: str, other: str) -> float:
        """Of the two titles as TF-IDF vectors."""
        mine, theirs = self.terms.get(item, ()), self.terms.get(other, ())
        shared = self._squares(term for term in theirs if term in mine)
        return shared / math.sqrt(self._squares(mine) * self._squares(theirs)) if shared else 0.0

    def digests(self, item: str) -> list[int]:
        """Of its terms."""
        return [order_key(term) for term in self.terms.get(item, ())]

    def _squares(self, terms: Iterable[str]) -> float:
        total = 0.0
        for term in terms:
            weight = log2(1.0 + len(self.terms) / len(self._holders[term]))
            total += weight * weight
        return total
