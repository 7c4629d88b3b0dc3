"""What a user told a reader just now, as it stands in Redis until the write path has it: JSON lines, one per word."""

from enum import StrEnum

import msgspec

from shared.contracts.decoding import DECODE_ERRORS


class Kind(StrEnum):
    """What a user can say of an item or of a category. Each is an event type as well, or nearly."""

    LIKE = "like"
    DISLIKE = "dislike"
    SKIP = "skip"
    HIDE = "hide"
    PREFER = "prefer"
    AVOID = "avoid"


class Word(msgspec.Struct, omit_defaults=True, frozen=True, gc=False):
    """One of them: ``of`` an item (like, dislike, skip, hide) or of a category (prefer, avoid)."""

    kind: Kind
    of: str


TOLD_S = 3600  # how long a word stands there: the write path has it long before
MOST_BYTES = 64_000  # of what is read of them; the newest count
_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Word)


def encode_word(word: Word) -> bytes:
    return _ENCODER.encode(word) + b"\n"


def decode_words(raw: bytes) -> list[Word]:
    """The newest last; a line that is none is passed over: this is a view for a moment, the log has it all."""
    words = []
    for line in raw[-MOST_BYTES:].split(b"\n"):
        try:
            words.append(_DECODER.decode(line))
        except DECODE_ERRORS:
            continue
    return words
