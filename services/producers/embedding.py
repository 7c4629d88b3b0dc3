"""Embeddings into the records that the `item` topic holds: a record is whole, so it is sent again, vector included."""

from collections.abc import Iterator, Mapping

import msgspec
import numpy as np
import orjson

from services.producers.importing import Reject, item_name, name_of_key
from services.producers.nearest import Nearest, Tell, nearest_items
from services.producers.vectors import Vector, VectorFile
from shared.adapters.compacted import Latest
from shared.contracts import reasons
from shared.contracts.catalogue import decode_item
from shared.contracts.decoding import DECODE_ERRORS
from shared.contracts.errors import BadRecord
from shared.contracts.settings import Settings

UNKNOWN_ITEM = "unknown-item"


class Embedded:
    """``standing``: the topic's latest records, by the item id as records have it. Once :meth:`find_nearest` was
    called, records name the items nearest to theirs, too.
    """

    def __init__(self, file: VectorFile, standing: Mapping[str, Latest], settings: Settings) -> None:
        self._file, self._standing, self._settings = file, standing, settings
        self._nearest: Nearest | None = None

    def find_nearest(self, tell: Tell | None = None) -> None:
        """Of the file's items that the topic has, by the last vector of each, among them and those of ``standing`` that
        have one of as many dimensions. ``tell`` hears how many more are done.
        """
        named = ((item_name(given, self._settings), vector) for _, given, vector in self._file.vectors(_heard_later))
        vectors = {item: vector for item, vector in named if item is not None and item in self._standing}
        asked = len(vectors)
        for item, record in self._standing.items():
            if item not in vectors and len(vector := _embedding_of(record.value)) == self._file.dimensions:
                vectors[item] = np.array(vector, dtype=np.float32)
        self._nearest = nearest_items(vectors, asked, tell)

    def entries(self, reject: Reject) -> Iterator[tuple[str, bytes]]:
        """(item id, whole record); what the topic does not know goes to ``reject``."""
        for where, given, vector in self._file.vectors(reject):
            item = item_name(given, self._settings)
            if item is None or item not in self._standing:
                reject(where, BadRecord(UNKNOWN_ITEM, f"the topic has no item {given[:60]!r}", "item_id"), item)
                continue
            try:
                near = None if self._nearest is None else self._nearest.of(item)
                yield item, merged(self._standing[item].value, vector, near, self._settings)
            except BadRecord as why:
                reject(where, why, item)


class _OfRecord(msgspec.Struct):
    embedding: list[float] = []


_OF_RECORD = msgspec.json.Decoder(_OfRecord)


def _embedding_of(record: bytes) -> list[float]:
    """Empty for none, and of what is no record."""
    try:
        return _OF_RECORD.decode(record).embedding
    except DECODE_ERRORS:
        return []


def _heard_later(_where: str, _why: BadRecord, _key: str | None) -> None:
    """What is bad is told when the file is checked."""


def merged(record: bytes, vector: Vector, near: list[str] | None, settings: Settings) -> bytes:
    """The record with the vector as its embedding, each number in the fewest digits, and what is ``near`` (None: as it
    was); what else it says stays, fields that nobody knows included. :class:`BadRecord` if ingest would not take it.
    """
    try:
        fields = msgspec.json.decode(record, type=dict[str, msgspec.Raw])
    except DECODE_ERRORS as error:
        raise BadRecord(reasons.MALFORMED, f"the topic's record is no JSON object: {error}") from error
    fields["embedding"] = msgspec.Raw(orjson.dumps(vector, option=orjson.OPT_SERIALIZE_NUMPY))
    if near:
        fields["near"] = msgspec.Raw(msgspec.json.encode(near))
    elif near is not None:
        fields.pop("near", None)
    whole = msgspec.json.encode(fields)
    decode_item(whole, settings.events, settings.identity)
    return whole


def by_item(standing: Mapping[bytes, Latest], settings: Settings) -> dict[str, Latest]:
    """The records by the id as records have it; keys that are none are left out."""
    named = ((name_of_key(key, settings), record) for key, record in standing.items())
    return {name: record for name, record in named if name is not None}
