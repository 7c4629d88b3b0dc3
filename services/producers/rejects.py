"""Rows that are no events: counted by reason, the first ones kept to be shown, all of them written down if asked."""

from collections import Counter
from collections.abc import Callable

from shared.contracts import reasons
from shared.contracts.errors import BadRecord

SHOWN = 20


class Rejects:
    """``tell`` is called with each rejected row's (file, place, why); by default nobody is told."""

    def __init__(self, tell: Callable[[str, str, BadRecord], None] | None = None) -> None:
        self.reasons: Counter[str] = Counter()
        self._tell = tell

    @property
    def count(self) -> int:
        return self.reasons.total()

    def add(self, file: str, where: str, why: BadRecord) -> None:
        self.reasons[why.reason] += 1
        if self._tell:
            self._tell(file, where, why)


def not_utf8(error: UnicodeEncodeError, field: str | None = None) -> BadRecord:
    """The verdict on text that was read from bytes that are no UTF-8."""
    what = f"{field or ''} {str(error.object)[:40]!r}".lstrip()
    return BadRecord(reasons.NOT_UTF8, f"{what} is not UTF-8", field)
