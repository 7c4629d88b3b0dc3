"""Embeddings into the records that the `item` topic holds: a record is whole, so it is sent again, vector included."""

from collections.abc import Iterator, Mapping

import msgspec
import orjson

from services.producers.importing import Reject, item_name, name_of_key
from services.producers.vectors import Vector, VectorFile
from shared.adapters.compacted import Latest
from shared.contracts import reasons
from shared.contracts.catalogue import decode_item
from shared.contracts.errors import BadRecord
from shared.contracts.settings import Settings

UNKNOWN_ITEM = "unknown-item"


class Embedded:
    """``standing``: the topic's latest records, by the item id as records have it."""

    def __init__(self, file: VectorFile, standing: Mapping[str, Latest], settings: Settings) -> None:
        self._file, self._standing, self._settings = file, standing, settings

    def entries(self, reject: Reject) -> Iterator[tuple[str, bytes]]:
        """(item id, whole record); what the topic does not know goes to ``reject``."""
        for where, given, vector in self._file.vectors(reject):
            item = item_name(given, self._settings)
            if item is None or item not in self._standing:
                reject(where, BadRecord(UNKNOWN_ITEM, f"the topic has no item {given[:60]!r}", "item_id"), item)
                continue
            try:
                yield item, merged(self._standing[item].value, vector, self._settings)
            except BadRecord as why:
                reject(where, why, item)


def merged(record: bytes, vector: Vector, settings: Settings) -> bytes:
    """The record with the vector as its embedding, each number in the fewest digits; what else it says stays, fields
    that nobody knows included. :class:`BadRecord` if ingest would not take it.
    """
    try:
        fields = msgspec.json.decode(record, type=dict[str, msgspec.Raw])
    except msgspec.DecodeError as error:
        raise BadRecord(reasons.MALFORMED, f"the topic's record is no JSON object: {error}") from error
    fields["embedding"] = msgspec.Raw(orjson.dumps(vector, option=orjson.OPT_SERIALIZE_NUMPY))
    whole = msgspec.json.encode(fields)
    decode_item(whole, settings.events, settings.identity)
    return whole


def by_item(standing: Mapping[bytes, Latest], settings: Settings) -> dict[str, Latest]:
    """The records by the id as records have it; keys that are none are left out."""
    named = ((name_of_key(key, settings), record) for key, record in standing.items())
    return {name: record for name, record in named if name is not None}
