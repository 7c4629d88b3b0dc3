"""A file of a batch model's lists → records of `batch-list`: a list a line, or a line per user, item and score."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from services.producers import item_cells as cells
from services.producers.files import Row, Table, UnreadableLog
from services.producers.importing import Reject
from services.producers.layouts import float_ids
from services.producers.rejects import not_utf8
from services.producers.roles import EVENT_ROLES, assign
from services.producers.tables import open_table
from shared.contracts import reasons
from shared.contracts.batch import BatchList, decode_batch_list, encode_batch_list
from shared.contracts.errors import BadRecord
from shared.contracts.identity import asked_for, pseudonym
from shared.contracts.settings import Settings

NAMES = {
    "user_id": EVENT_ROLES["user"],
    "items": ("items", "itemids", "recommendations", "recs", "list"),
    "scores": ("scores",),
    "item_id": EVENT_ROLES["item"],
    "score": ("score", "prediction", "rank_score", "value", "relevance"),
}
FIELDS = tuple(NAMES)


@dataclass(frozen=True)
class ListFile:
    """``made_ms``: when the lists were made; ``float_ids``: columns whose ids were written as 123.0."""

    table: Table
    columns: dict[str, int]
    settings: Settings
    made_ms: int
    float_ids: frozenset[int] = frozenset()

    @property
    def whole(self) -> bool:
        """Whether a row is a list."""
        return "items" in self.columns

    def entries(self, reject: Reject) -> Iterator[tuple[str, bytes]]:
        """(user as behind ingest, record) in the order of the file."""
        make, done = self._list_of_row if self.whole else self._list_of_rows, set[str]()
        for _, group in self._groups(reject):
            rows = list(group)
            user = self._id("user_id", rows[0][1])
            try:
                record = self._checked(make(user, [row for _, row in rows]))
                if not self.whole:
                    _note(record.user_id, done)
            except BadRecord as why:
                known = user and user.encode(errors="replace").decode()
                reject(rows[0][0], why, known and pseudonym(known, self.settings.identity))
                continue
            yield record.user_id, encode_batch_list(record)

    def _groups(self, reject: Reject) -> Iterator[tuple[Any, Iterator[tuple[str, Row]]]]:
        rows = self.table.rows(lambda where, why: reject(where, why, None))
        column = self.columns["user_id"]
        if self.whole:
            return ((pair[0], iter([pair])) for pair in rows)
        return groupby(rows, key=lambda pair: pair[1][column])

    def _id(self, field: str, row: Row) -> str | None:
        column = self.columns[field]
        text = cells.id_text(row[column])
        return text.removesuffix(".0") if text and column in self.float_ids else text

    def _list_of_row(self, user: str | None, rows: Sequence[Row]) -> BatchList:
        row, scores = rows[0], self.columns.get("scores")
        given = [] if scores is None or cells.is_empty(row[scores]) else cells.vector("scores", row[scores])
        items = row[self.columns["items"]]
        return BatchList(_said(user), cells.words("items", [] if cells.is_empty(items) else items), given, self.made_ms)

    def _list_of_rows(self, user: str | None, rows: Sequence[Row]) -> BatchList:
        score = self.columns.get("score")
        items = [name for row in rows if (name := self._id("item_id", row)) is not None]
        if len(items) < len(rows):
            raise BadRecord(reasons.MISSING_FIELD, "item_id is not given", "item_id")
        scores = [] if score is None else [cells.number("scores", row[score]) for row in rows]
        return BatchList(_said(user), items, scores, self.made_ms)

    def _checked(self, record: BatchList) -> BatchList:
        """As the worker will check it, under the name that the user has behind ingest."""
        rules, identity = self.settings.events, self.settings.identity
        _, record.user_id = asked_for(record.user_id, identity, rules.max_id_length)
        try:
            return decode_batch_list(encode_batch_list(record), rules, identity)
        except UnicodeEncodeError as error:
            raise not_utf8(error) from error


def open_lists(
    path: Path, settings: Settings, given: Mapping[str, Sequence[str]], made_ms: int, delimiter: str | None = None
) -> ListFile:
    """Raises :class:`UnreadableLog`."""
    table = open_table(path, delimiter)
    try:
        columns = assign(table.columns, NAMES, {field: names[0] for field, names in given.items()})
    except ValueError as error:
        raise UnreadableLog(f"{path}: {error}") from error
    if not table.header:
        columns = dict(zip(("user_id", "item_id", "score"), range(len(table.columns)), strict=False))
    if "user_id" not in columns or not columns.keys() & {"items", "item_id"}:
        raise UnreadableLog(
            f"{path}: user_id with items (and scores), or user_id, item_id and score in columns are read; "
            f"there are: {', '.join(table.columns)}"
        )
    ids = [columns[field] for field in ("user_id", "item_id") if field in columns]
    return ListFile(table, columns, settings, made_ms, frozenset(i for i in ids if float_ids(table.sample, i)))


def _note(user: str, done: set[str]) -> None:
    if user in done:
        raise BadRecord(reasons.WRONG_TYPE, "the user's rows are not together: sort the file by user", "user_id")
    done.add(user)


def _said(user: str | None) -> str:
    if user is None:
        raise BadRecord(reasons.MISSING_FIELD, "user_id is not given", "user_id")
    return user
