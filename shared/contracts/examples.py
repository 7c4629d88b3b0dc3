"""Examples: what a user chose, and what stood beside it. Made by profiles before the event is learned, replayed by the
learner: a Kafka record carries those of one frame.

MessagePack; columns are little-endian bytes. Like a delta it names the frame that it comes from, so that a repeat is
known by its offset. No user is named: an example says nothing that could be led back to one.
"""

import msgspec
import numpy as np

from shared.contracts.decoding import DECODE_ERRORS
from shared.contracts.errors import BadRecord
from shared.contracts.ids import NO_IDS, Ids, check_ids
from shared.contracts.reasons import WRONG_TYPE
from shared.contracts.versions import of_another_version, unread

EXAMPLES_VERSION = 3


class Examples(msgspec.Struct, gc=False):
    """``n`` examples of ``features`` numbers per item: ``rows`` float16[Σ sizes, features], in each example the chosen
    one first; ``sizes``, ``segments`` int32[n]; ``weights`` float32[n]. ``candidates`` int32[n]: how many there were,
    the others in the example being drawn from them evenly. ``missed``: choices that were no candidates.

    Beside them what users met in the frame after what, as sequences of indices into ``items``: ``sequence`` int32, user
    after user, oldest first, ``lengths`` int32[m] of each, ``steps`` int32[m]: how many at its end are of the frame.
    """

    v: int
    partition: int
    offset: int
    features: int
    missed: int
    sizes: bytes
    segments: bytes
    weights: bytes
    candidates: bytes
    rows: bytes
    items: Ids = NO_IDS
    lengths: bytes = b""
    steps: bytes = b""
    sequence: bytes = b""

    def column(self, name: str) -> np.ndarray:
        """``weights`` float32[n], any other int32 of its length; read-only."""
        return np.frombuffer(getattr(self, name), dtype="<f4" if name == "weights" else "<i4")

    def matrix(self) -> np.ndarray:
        """float16[Σ sizes, features], read-only."""
        return np.frombuffer(self.rows, dtype="<f2").reshape(-1, self.features)


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Examples)


def encode_examples(examples: Examples) -> bytes:
    return _ENCODER.encode(examples)


def decode_examples(raw: bytes) -> Examples:
    """Raises :class:`BadRecord` on what is not a record of a known version with whole columns."""
    try:
        examples = _DECODER.decode(raw)
    except DECODE_ERRORS as error:
        raise unread(raw, "examples", EXAMPLES_VERSION, f"not a record of examples: {error}") from error
    if examples.v != EXAMPLES_VERSION:
        raise of_another_version("examples", examples.v, EXAMPLES_VERSION)
    _check(examples)
    return examples


def _check(examples: Examples) -> None:
    """Kernels index without asking."""
    lengths = {len(getattr(examples, name)) for name in ("sizes", "segments", "weights", "candidates")}
    if len(lengths) != 1 or lengths.pop() % 4:
        raise BadRecord(WRONG_TYPE, "columns of examples are not whole and of one length")
    sizes = examples.column("sizes")
    if len(sizes) and sizes.min() < 1:
        raise BadRecord(WRONG_TYPE, "an example without items")
    if len(sizes) and examples.column("segments").min() < 0:
        raise BadRecord(WRONG_TYPE, "an example of no segment")
    if examples.features < 1:
        raise BadRecord(WRONG_TYPE, "examples without features")
    if len(examples.rows) != 2 * examples.features * int(sizes.sum()):
        raise BadRecord(WRONG_TYPE, "rows of examples do not fit their sizes")
    _check_sequences(examples)


def _check_sequences(examples: Examples) -> None:
    check_ids(examples.items, "items of examples")
    packed = (examples.lengths, examples.steps, examples.sequence)
    if any(len(column) % 4 for column in packed) or len(examples.lengths) != len(examples.steps):
        raise BadRecord(WRONG_TYPE, "columns of sequences are not whole and of one length")
    lengths, steps, sequence = (examples.column(name) for name in ("lengths", "steps", "sequence"))
    if len(lengths) and (steps.min() < 1 or (steps > lengths).any()):
        raise BadRecord(WRONG_TYPE, "steps do not fit their sequences")
    if len(sequence) != int(lengths.sum()):
        raise BadRecord(WRONG_TYPE, "sequences do not fit their lengths")
    if len(sequence) and (sequence.min() < 0 or sequence.max() >= len(examples.items)):
        raise BadRecord(WRONG_TYPE, "an item of a sequence that is not named")
