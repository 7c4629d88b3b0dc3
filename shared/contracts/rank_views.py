"""Views of the write path's own, read by whoever ranks: ``row:{item}``, ``stat:{item}``, ``model:ranker``.

Both begin like every view (version and ``at``), so that writers compare them; then MessagePack, arrays of numbers as
little-endian bytes. Times are epoch ms of event time.
"""

import msgspec
import numpy as np

from shared.contracts.errors import BadRecord
from shared.contracts.reasons import WRONG_TYPE
from shared.contracts.views import AT_LENGTH, AT_START

RANK_VERSION = 1
_HEAD = b'{"v":1,"at":"%s"}'
HEAD_LENGTH = len(_HEAD) - 2 + AT_LENGTH


class RowView(msgspec.Struct, array_like=True, gc=False):
    """What an item's neighbours are: ``scores`` float32[items, 3] (together, next, quick) of ``items``, and
    ``alike_scores`` float32 of ``alike``, which the catalogue says are like it. In no order.
    """

    item: str
    ts: int
    items: list[str]
    scores: bytes
    alike: list[str]
    alike_scores: bytes

    def neighbour_scores(self) -> np.ndarray:
        """float32[items, 3], read-only."""
        return np.frombuffer(self.scores, dtype="<f4").reshape(-1, 3)

    def likeness(self) -> np.ndarray:
        """float32[alike], read-only."""
        return np.frombuffer(self.alike_scores, dtype="<f4")


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


DECODE_ERRORS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_ENCODER = msgspec.msgpack.Encoder()
_ROW = msgspec.msgpack.Decoder(RowView)
_STAT = msgspec.msgpack.Decoder(StatView)
_RANKER = msgspec.msgpack.Decoder(RankerView)


def encode_rank_view(at: str, view: RowView | StatView | RankerView) -> bytes:
    """``at``: the version, as of every view."""
    return _HEAD % at.encode() + _ENCODER.encode(view)


def decode_row(raw: bytes) -> RowView:
    """:class:`BadRecord` on what is none."""
    try:
        view = _ROW.decode(raw[HEAD_LENGTH:])
    except DECODE_ERRORS as error:
        raise BadRecord(WRONG_TYPE, f"not a row view: {error}") from error
    if len(view.scores) != 12 * len(view.items) or len(view.alike_scores) != 4 * len(view.alike):
        raise BadRecord(WRONG_TYPE, "numbers of a row view do not fit")
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


def version_of(raw: bytes) -> str:
    """The ``at`` of any view."""
    return raw[AT_START : AT_START + AT_LENGTH].decode()
