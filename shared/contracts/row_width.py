"""How many neighbours a row holds: more where items are few, since there all have met all."""

from shared.contracts.sections import CooccurrenceSettings

WIDER = 4
"""Times as many."""


def row_width(rules: CooccurrenceSettings, partitions: int, rows: int) -> int:
    """In one of so many partitions, when it holds so many rows."""
    return rules.neighbours * (WIDER if rows * partitions <= rules.few_items else 1)
