"""Events that break the contract, each in one of the ways that ingest must refuse."""

from collections.abc import Callable

import msgspec

_LONG = "x" * 10_000


def _with(field: str, value: object) -> Callable[[bytes], bytes]:
    def change(raw: bytes) -> bytes:
        return msgspec.json.encode({**msgspec.json.decode(raw), field: value})

    return change


def _without_user(raw: bytes) -> bytes:
    fields = msgspec.json.decode(raw)
    return msgspec.json.encode({k: v for k, v in fields.items() if k not in {"user_id", "session_id"}})


FAULTS: tuple[tuple[str, Callable[[bytes], bytes | None]], ...] = (
    ("broken-json", lambda raw: raw[: len(raw) // 2]),
    ("wrong-type", _with("ts", "yesterday")),
    ("not-a-number", lambda raw: raw[:-1] + b',"value":NaN}'),
    ("negative-ts", _with("ts", -1)),
    ("far-future", _with("ts", 4_102_444_800_000)),
    ("long-id", _with("item_id", _LONG)),
    ("no-user", _without_user),
    ("unknown-version", _with("v", 99)),
    ("bad-utf8", lambda raw: raw[:-1] + b',"rec_id":"\xff\xfe"}'),
    ("null", lambda _raw: None),
)


def corrupt(raw: bytes, fault: int) -> bytes | None:
    """``raw`` as a broken producer would have sent it; ``fault`` counts from 1, 0 leaves it whole."""
    return FAULTS[fault - 1][1](raw) if fault else raw
