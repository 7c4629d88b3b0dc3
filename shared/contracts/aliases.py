"""Item ids that stand for others, each led to the end of its chain."""

import unicodedata
from collections.abc import Mapping


def ends(given: Mapping[str, str], *, trim: bool, nfc: bool) -> dict[str, str]:
    """By alias what it stands for in the end, both spelt as ids are. Raises :class:`ValueError` on one that stands for
    itself or for nothing. O(aliases · longest chain).
    """

    def spelt(text: str) -> str:
        text = text.strip() if trim else text
        return unicodedata.normalize("NFC", text) if nfc else text

    aliases = {spelt(alias): spelt(item) for alias, item in given.items()}
    return {alias: _end_of(alias, aliases) for alias in aliases}


def _end_of(alias: str, aliases: dict[str, str]) -> str:
    """What the id that it stands for stands for, and so on."""
    passed, item = {alias}, aliases[alias]
    while item in aliases and item != aliases[item]:
        if item in passed:
            raise ValueError(f"{alias!r} stands for itself in the end")
        passed.add(item)
        item = aliases[item]
    if not item:
        raise ValueError(f"{alias!r} stands for nothing")
    return item
