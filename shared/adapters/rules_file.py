"""Rules as they stand in a file."""

from pathlib import Path

from shared.contracts.rules import RuleFile, RulesError, Spelling, parse_rules

LARGEST = 1_000_000  # bytes


def read_rules(path: Path, spelling: Spelling) -> RuleFile:
    """The rules in a file. Raises :class:`RulesError`."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise RulesError(f"cannot be read: {error.strerror}", 1) from error
    if len(raw) > LARGEST:
        raise RulesError(f"{len(raw)} bytes, {LARGEST} at most", 1)
    try:
        return parse_rules(raw.decode(), spelling)
    except UnicodeDecodeError as error:
        raise RulesError("not UTF-8", raw.count(b"\n", 0, error.start) + 1) from error
