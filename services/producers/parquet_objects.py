"""Objects of a Parquet table become dotted columns, a list of events becomes a row each: as :mod:`jsonl` has it."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from services.producers.jsonl import NESTED
from shared.core.kernel import Longs


def flat(table: Any, lists: Sequence[str] = NESTED) -> Any:
    """The ``pyarrow.Table`` with one level of nesting opened: ``user`` of ``{id}`` → ``user.id``. Of the row of a
    session there is one for each of its events, or one without any; they are in the first of ``lists`` that it has.
    """
    import pyarrow as pa

    index = _events_column(table, lists)
    if index is None:
        return table.flatten()
    outer, inner = table.remove_column(index).take(_rows(table, index)).flatten(), _events(table, index)
    kept = [(n, c) for n, c in zip(outer.column_names, outer.columns, strict=True) if n not in inner.column_names]
    names, columns = [n for n, _ in kept] + inner.column_names, [c for _, c in kept] + inner.columns
    return pa.Table.from_arrays(columns, names=names)


def places(table: Any, before: int, lists: Sequence[str] = NESTED) -> Iterator[str]:
    """Where each row of the flat table stands, ``before`` rows being above the table: 17.3 is the third event of 17."""
    index = _events_column(table, lists)
    if index is None:
        yield from map(str, range(before + 1, before + 1 + len(table)))
        return
    for row, count in enumerate(_counts(table, index).tolist(), before + 1):
        yield from (f"{row}.{n}" for n in range(1, count + 1)) if count else (str(row),)


def _events_column(table: Any, lists: Sequence[str]) -> int | None:
    """The column that holds lists of events."""
    import pyarrow as pa

    kinds = dict(zip(table.schema.names, table.schema.types, strict=True))
    name = next((n for n in lists if n in kinds and _of_objects(pa.types, kinds[n])), None)
    return None if name is None else max(i for i, n in enumerate(table.schema.names) if n == name)


def _of_objects(types: Any, kind: Any) -> bool:
    return bool((types.is_list(kind) or types.is_large_list(kind)) and types.is_struct(kind.value_type))


def _counts(table: Any, index: int) -> Longs:
    """How many events each row has."""
    import pyarrow.compute as pc

    counts: Longs = pc.fill_null(pc.list_value_length(table.column(index)), 0).to_numpy().astype(np.int64)
    return counts


def _rows(table: Any, index: int) -> Longs:
    """The row of each event; of a row without events, the row."""
    counts = _counts(table, index)
    rows: Longs = np.repeat(np.arange(len(counts)), np.maximum(counts, 1))
    return rows


def _events(table: Any, index: int) -> Any:
    """The table of all events; a row without any has one of nulls."""
    import pyarrow as pa
    import pyarrow.compute as pc

    counts, rows = _counts(table, index), _rows(table, index)
    first = np.flatnonzero(np.diff(rows, prepend=-1))
    at = (np.cumsum(counts) - counts - first)[rows] + np.arange(len(rows))
    events = pc.list_flatten(table.column(index)).take(pa.array(at, mask=counts[rows] == 0))
    opened = pa.table({"": events}).flatten()
    return opened.rename_columns([name.removeprefix(".") for name in opened.column_names]).flatten()
