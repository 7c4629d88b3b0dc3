"""What a dead letter says of the record that it holds."""

from shared.contracts.errors import BadRecord
from streams.delivery import Headers, text_headers


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
