"""What a dead letter says of the record that it holds."""

from shared.contracts.errors import BadRecord
from streams.out.delivery import Headers, text_headers

MOST_BYTES = 9_000_000
"""Of a letter's key and value: the topic takes a little more."""


def letter_headers(verdict: BadRecord, source: tuple[str, int, int], arrived: int) -> Headers:
    """``source``: topic on the broker, partition, offset; ``arrived``: the broker's time (epoch ms), 0 if unknown."""
    topic, partition, offset = source
    return text_headers(
        [
            ("reason", verdict.reason),
            ("detail", verdict.detail[:500]),
            ("field", verdict.field or ""),
            ("topic", topic),
            ("partition", partition),
            ("offset", offset),
            ("timestamp", arrived),
        ]
    )


def as_kept(key: bytes | None, value: bytes | None) -> tuple[bytes | None, bytes | None]:
    """A letter's key and value: the record's own, or their beginning, where its topic takes more than ours. The record
    stays where it stands.
    """
    if key:
        key = key[:MOST_BYTES]
    if value:
        value = value[: MOST_BYTES - len(key or b"")]
    return key, value
