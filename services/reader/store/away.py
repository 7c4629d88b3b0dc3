"""The items that must not be shown, in the reader's memory: a set in Redis, of which what changes is read.

The set is read whole where that does not say everything: at the start, where more has changed than the stream tells,
where Redis has gone back to what it had saved, and where nobody writes versions, as workers of an earlier release.
"""

from collections.abc import Set as AbstractSet

from services.reader.store.views import MOST_CHANGES, NO_ID, Changes, Id
from shared.core.answers.catalogue_columns import CatalogueColumns


class Away:
    """``items``, the same object until all is read anew; what is hidden in ``columns`` follows them. As many as the
    write path tells, which bounds them. ``last``: of the stream, what was read last; None: all is to be read.
    """

    def __init__(self, columns: CatalogueColumns) -> None:
        self._columns = columns
        self._items: set[str] = set()
        self._version = b""
        self.last: Id | None = None

    @property
    def items(self) -> AbstractSet[str]:
        return self._items

    def take(self, changes: Changes, size: int, version: bytes | None) -> bool:
        """Take in what has changed since ``last``, which leaves so many items; False: all is to be read."""
        last, words = self.last, changes.entries
        before, self._version = self._version, version or b""
        if not version or version < before or last is None or changes.first > last or len(words) >= MOST_CHANGES:
            return False
        if not all(b"item" in word and b"there" in word for word in words):
            return False
        for word in words:
            item = word[b"item"].decode(errors="replace")
            if word[b"there"] == b"1":
                self._items.add(item)
            else:
                self._items.discard(item)
        self._columns.look_again(changes.items)
        self.last = changes.last if changes.last != NO_ID else last
        return len(self._items) == size

    def take_whole(self, members: set[bytes], last: Id) -> None:
        """All of them, as of the ``last`` entry of the stream."""
        self._items = {member.decode(errors="replace") for member in members}
        self._columns.hide(self._items)
        self.last = last
