"""Counts what was compared, and keeps what differed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SHOWN = 20
TEXT = 200


@dataclass
class Comparison:
    """``differences`` holds the first :data:`SHOWN` of ``differing`` ones, as text for a person."""

    compared: int = 0
    differing: int = 0
    differences: list[str] = field(default_factory=list)

    def same(self, what: str, expected: object, found: object) -> None:
        """One value. Floats are compared bit for bit: they are to be equal, not near."""
        self.compared += 1
        if expected != found:
            self._note(f"{what}: expected {_short(expected)}, found {_short(found)}")

    def mapping(self, what: str, expected: Mapping[Any, object], found: Mapping[Any, object]) -> None:
        """Every key of both."""
        for key in expected.keys() | found.keys():
            if key not in found:
                self.missing(f"{what} {key!r}")
            elif key not in expected:
                self.compared += 1
                self._note(f"{what} {key!r}: nothing expected, found {_short(found[key])}")
            else:
                self.same(f"{what} {key!r}", expected[key], found[key])

    def missing(self, what: str) -> None:
        """Something that should be there and is not."""
        self.compared += 1
        self._note(f"{what}: missing")

    def stray(self, what: str) -> None:
        """Something that is there and should not be."""
        self.compared += 1
        self._note(f"{what}: should not be there")

    def unreadable(self, what: str, error: Exception) -> None:
        """Something that is no view."""
        self.compared += 1
        self._note(f"{what}: cannot be read: {error}")

    def _note(self, difference: str) -> None:
        self.differing += 1
        if len(self.differences) < SHOWN:
            self.differences.append(difference)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= TEXT else text[:TEXT] + "…"
