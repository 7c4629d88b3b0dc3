"""Where an item of a list came from: source codes, and the letters that stand for them in users' stored lists."""

from collections.abc import Sequence

CODES = {
    "t": "together",
    "n": "next",
    "q": "quick",
    "l": "alike",
    "o": "again",
    "s": "taste",
    "r": "trend",
    "b": "batch",
}
KNOWN = "".join(CODES)
_LETTERS = {code: letter for letter, code in CODES.items()}


def codes_of(letters: str) -> list[str]:
    """What they stand for; :class:`ValueError` if one stands for nothing."""
    check_letters(letters)
    return [CODES[letter] for letter in letters]


def check_letters(letters: str) -> None:
    """:class:`ValueError` if one stands for nothing."""
    if unknown := letters.strip(KNOWN):
        raise ValueError(f"by: no source has the letter {unknown[0]!r}")


def letters_of(codes: Sequence[str]) -> bytes:
    """A letter for each code; :class:`KeyError` if one has none."""
    return "".join(_LETTERS[code] for code in codes).encode()
