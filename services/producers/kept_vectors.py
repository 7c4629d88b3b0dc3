"""What `import-embeddings` gave the topic's records, for records of the same items that come again without it."""

from collections.abc import Callable, Iterator, Mapping

import msgspec

from services.producers.catalogue import encode_item
from services.producers.importing import Reject
from services.producers.item_columns import ItemColumns
from services.producers.item_rows import ItemFile
from shared.contracts.catalogue import decode_item
from shared.contracts.decoding import DECODE_ERRORS
from shared.contracts.errors import BadRecord

EMBEDDING, NEAR = "embedding", "near"


class Vectors(msgspec.Struct, omit_defaults=True):
    """The part of an item's record that is kept."""

    embedding: list[float] = []
    near: list[str] = []


_RECORD = msgspec.json.Decoder(Vectors)
_DECODER, _ENCODER = msgspec.msgpack.Decoder(Vectors), msgspec.msgpack.Encoder()  # half as long as JSON


def fields_to_keep(columns: ItemColumns) -> tuple[str, ...]:
    """Of which a file says nothing. What is near by a file's own embeddings only the file could say."""
    if EMBEDDING in columns.fields:
        return ()
    return (EMBEDDING,) if NEAR in columns.fields else (EMBEDDING, NEAR)


def vectors_of(record: bytes) -> bytes:
    """The part as MessagePack; empty where a record, or what is none, has nothing of it."""
    try:
        found = _RECORD.decode(record)
    except DECODE_ERRORS:
        return b""
    return _ENCODER.encode(found) if found.embedding or found.near else b""


class KeptVectors:
    """A file's records with ``fields`` of those that stand; ``standing``: item id → :func:`vectors_of` its record."""

    def __init__(
        self, file: ItemFile, standing: Mapping[str, bytes], fields: tuple[str, ...], tell: Callable[[str], None]
    ) -> None:
        self._file, self._standing, self._fields, self._tell = file, standing, fields, tell

    def entries(self, reject: Reject) -> Iterator[tuple[str, bytes]]:
        """As :meth:`ItemFile.entries`. What a record says itself counts; one that would be too large for ingest goes
        without, which is told at the end.
        """
        without = 0
        for item, raw in self._file.entries(reject):
            try:
                whole = self._with_vectors(item, raw)
            except BadRecord:
                whole = raw
                without += 1
            yield item, whole
        if without:
            self._tell(f"{without:,} items would be too large with their vectors: sent without")

    def _with_vectors(self, item: str, raw: bytes) -> bytes:
        stands, rules = self._standing.get(item), self._file.settings
        if not stands:
            return raw
        record, kept = decode_item(raw, rules.events, rules.identity), _DECODER.decode(stands)
        if record.embedding:
            return raw
        more = {field: getattr(kept, field) for field in self._fields if not getattr(record, field)}
        whole = encode_item(msgspec.structs.replace(record, **more))
        decode_item(whole, rules.events, rules.identity)
        return whole
