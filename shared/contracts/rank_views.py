"""Views of the write path's own, read by whoever ranks: ``row:{item}``, ``stat:{item}``, ``model:ranker``,
``model:taste``.

Both begin like every view (version and ``at``), so that writers compare them; then MessagePack, arrays of numbers as
little-endian bytes. Times are epoch ms of event time.
"""

import re

import msgspec
import numpy as np

from shared.contracts.decoding import DECODE_ERRORS
from shared.contracts.errors import BadRecord
from shared.contracts.reasons import WRONG_TYPE
from shared.contracts.views import AT_LENGTH, AT_START

_HEAD = b'{"v":1,"at":"%s"}'
_BEGINNING = re.compile(rb'\{"v":\d,"at":"\d{6}-\d{16}"')
HEAD_LENGTH = len(_HEAD) - 2 + AT_LENGTH


class RowView(msgspec.Struct, array_like=True, gc=False):
    """What an item's neighbours are: ``scores`` float32[items, 3] (together, next, quick) of ``items``, and
    ``alike_scores`` float32 of ``alike``, which the catalogue says are like it. In no order. ``keys``: digests uint64
    of ``items``, then of ``alike``, by which whoever knows the items need not read their ids.
    """

    item: str
    ts: int
    items: list[str]
    scores: bytes
    alike: list[str]
    alike_scores: bytes
    keys: bytes

    def numbers(self) -> "RowNumbers":
        """As it is read by who wants no more."""
        return _ROW_NUMBERS.decode(PACK.encode(self))

    def neighbour_scores(self) -> np.ndarray:
        """float32[items, 3], read-only."""
        return np.frombuffer(self.scores, dtype="<f4").reshape(-1, 3)

    def likeness(self) -> np.ndarray:
        """float32[alike], read-only."""
        return np.frombuffer(self.alike_scores, dtype="<f4")


class RowNumbers(msgspec.Struct, array_like=True, gc=False):
    """The same view with its ids left as they are: reading them is most of what reading a row costs. Without ``keys``
    it is of an earlier version, and will be replaced.
    """

    item: msgspec.Raw
    ts: int
    raw_items: msgspec.Raw
    scores: bytes
    raw_alike: msgspec.Raw
    alike_scores: bytes
    keys: bytes | None = None

    def ids(self) -> list[str]:
        """Of the neighbours, then of what is like it; :class:`BadRecord` if there are not as many as digests."""
        try:
            ids = [*_IDS.decode(self.raw_items), *_IDS.decode(self.raw_alike)]
        except DECODE_ERRORS as error:
            raise BadRecord(WRONG_TYPE, f"not the ids of a row view: {error}") from error
        if 8 * len(ids) != len(self.keys or b""):
            raise BadRecord(WRONG_TYPE, "ids of a row view do not fit")
        return ids


class StatView(msgspec.Struct, array_like=True, gc=False):
    """What is known of an item: decayed ``counts`` float32[half-lives] as of ``ts``, when it was first and last met (0:
    never), and from the catalogue the digests of its narrowest category and of its brand (0: none) and the natural
    logarithm of its price (NaN: none).
    """

    item: str
    ts: int
    counts: bytes
    first_ts: int
    last_ts: int
    category: int
    brand: int
    log_price: float

    def decayed(self) -> np.ndarray:
        """float32[half-lives], read-only."""
        return np.frombuffer(self.counts, dtype="<f4")


class RankerView(msgspec.Struct, array_like=True, gc=False):
    """The ranker as it stands: ``weights`` float64[rows, features] after so many examples ``learned``."""

    learned: int
    rows: int
    weights: bytes

    def matrix(self) -> np.ndarray:
        """float64[rows, features], read-only."""
        return np.frombuffer(self.weights, dtype="<f8").reshape(self.rows, -1)


class TasteView(msgspec.Struct, array_like=True, gc=False):
    """Vectors of items as they stand after so many steps ``learned``: ``inner`` float16[items, size], what having an
    item says of a user; ``outer`` float16[items, size] and ``bias`` float32[items], what is asked of who may want it.
    """

    learned: int
    items: list[str]
    inner: bytes
    outer: bytes
    bias: bytes

    def vectors(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """``inner`` and ``outer`` float16[items, size], ``bias`` float32[items], read-only."""
        shape = (len(self.items), -1) if self.items else (0, 1)
        inner, outer = (np.frombuffer(packed, dtype="<f2").reshape(shape) for packed in (self.inner, self.outer))
        return inner, outer, np.frombuffer(self.bias, dtype="<f4")


PACK = msgspec.msgpack.Encoder()
_ROW = msgspec.msgpack.Decoder(RowView)
_ROW_NUMBERS = msgspec.msgpack.Decoder(RowNumbers)
_IDS = msgspec.msgpack.Decoder(list[str])
_STAT = msgspec.msgpack.Decoder(StatView)
_RANKER = msgspec.msgpack.Decoder(RankerView)
_TASTE = msgspec.msgpack.Decoder(TasteView)


def encode_rank_view(at: str, view: RowView | StatView | RankerView | TasteView) -> bytes:
    """``at``: the version, as of every view."""
    return view_head(at) + PACK.encode(view)


def view_head(at: str) -> bytes:
    """What stands before the MessagePack."""
    return _HEAD % at.encode()


def decode_row(raw: bytes) -> RowView:
    """:class:`BadRecord` on what is none."""
    try:
        view = _ROW.decode(raw[HEAD_LENGTH:])
    except DECODE_ERRORS as error:
        raise BadRecord(WRONG_TYPE, f"not a row view: {error}") from error
    sizes = len(view.scores), len(view.alike_scores), len(view.keys)
    if sizes != (12 * len(view.items), 4 * len(view.alike), 8 * len(view.items) + 8 * len(view.alike)):
        raise BadRecord(WRONG_TYPE, "numbers of a row view do not fit")
    return view


def decode_row_numbers(raw: bytes) -> RowNumbers | None:
    """None for what an earlier version wrote; :class:`BadRecord` on what is none, as far as it is read."""
    try:
        view = _ROW_NUMBERS.decode(raw[HEAD_LENGTH:])
    except DECODE_ERRORS as error:
        raise BadRecord(WRONG_TYPE, f"not a row view: {error}") from error
    if view.keys is None:
        return None
    if len(view.scores) % 12 or len(view.alike_scores) % 4:
        raise BadRecord(WRONG_TYPE, "numbers of a row view do not fit")
    if len(view.keys) // 8 != len(view.scores) // 12 + len(view.alike_scores) // 4 or len(view.keys) % 8:
        raise BadRecord(WRONG_TYPE, "digests of a row view do not fit")
    return view


def decode_stat(raw: bytes) -> StatView:
    """:class:`BadRecord` on what is none."""
    try:
        view = _STAT.decode(raw[HEAD_LENGTH:])
    except DECODE_ERRORS as error:
        raise BadRecord(WRONG_TYPE, f"not a stat view: {error}") from error
    if len(view.counts) % 4:
        raise BadRecord(WRONG_TYPE, "numbers of a stat view do not fit")
    return view


def decode_ranker(raw: bytes) -> RankerView:
    """:class:`BadRecord` on what is none."""
    try:
        view = _RANKER.decode(raw[HEAD_LENGTH:])
    except DECODE_ERRORS as error:
        raise BadRecord(WRONG_TYPE, f"not a ranker's view: {error}") from error
    if view.rows < 1 or len(view.weights) % (8 * view.rows):
        raise BadRecord(WRONG_TYPE, "numbers of a ranker view do not fit")
    return view


def decode_taste(raw: bytes) -> TasteView:
    """:class:`BadRecord` on what is none."""
    try:
        view = _TASTE.decode(raw[HEAD_LENGTH:])
    except DECODE_ERRORS as error:
        raise BadRecord(WRONG_TYPE, f"not a view of taste: {error}") from error
    items = len(view.items)
    whole = len(view.bias) == 4 * items and len(view.inner) == len(view.outer)
    if not whole or (len(view.inner) % (2 * items) if items else len(view.inner)):
        raise BadRecord(WRONG_TYPE, "numbers of a view of taste do not fit")
    if not all(np.isfinite(column).all() for column in view.vectors()):
        raise BadRecord(WRONG_TYPE, "a view of taste has a number that is none")
    return view


def is_view(raw: bytes) -> bool:
    """Whether it begins as every view does."""
    return _BEGINNING.match(raw) is not None


def version_of(raw: bytes) -> str:
    """The ``at`` of any view."""
    return raw[AT_START : AT_START + AT_LENGTH].decode()
