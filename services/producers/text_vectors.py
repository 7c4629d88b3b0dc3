"""The vectors of a file of items, by what their records say in words."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from services.producers.files import UnreadableLog
from services.producers.importing import Reject
from services.producers.item_rows import ItemFile
from services.producers.text_model import DIMENSIONS, text_vectors, words_of
from services.producers.vectors import VectorFile
from shared.contracts.errors import BadRecord


def vectors_from_text(path: Path, file: ItemFile) -> VectorFile:
    """Learned from the whole file, which is read once. Raises :class:`UnreadableLog` if no two items share a word."""
    bad: list[tuple[str, BadRecord, str | None]] = []
    places, ids, texts = [], [], []
    for where, record in file.records(lambda *rejected: bad.append(rejected)):
        places.append(where)
        ids.append(record.item_id)
        texts.append(words_of(record))
    vectors = text_vectors(texts)
    if not vectors.any():
        raise UnreadableLog(f"{path}: no two items share a word in title, description, tags, brand or category")

    def rows(reject: Reject) -> Iterator[tuple[str, str, Any]]:
        for rejected in bad:
            reject(*rejected)
        yield from zip(places, ids, vectors, strict=True)

    return VectorFile(path, f"texts of {file.table.format}", DIMENSIONS, rows)
