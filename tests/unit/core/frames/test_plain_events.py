"""What is plain, and what is not clearly so; that it is read as the contract reads it is a law of the intake."""

import numpy as np
import pytest

from shared.core.frames.plain_events import ITEM, LAST, REC, SESSION, USER, PlainEvents, plain_events

NOW = 1_800_000_000_000
START = '"user_id":"u","item_id":"i","ts":5'


def read(*records: str) -> PlainEvents:
    raw = [record.encode() for record in records]
    ends = np.cumsum([len(one) for one in raw], dtype=np.int64)
    latest = np.full(len(raw), NOW, dtype=np.int64)
    return plain_events(np.frombuffer(b"".join(raw), dtype=np.uint8), ends, latest, 5, 8)


def test_texts_are_found_where_they_stand() -> None:
    other = '{"rec_id": " r ",  "item_id": "i-2", "user_id": "u 2","ts":18, "session_id":"12345678"}'
    found = read("{" + START + "}", "x", other)
    assert found.plain.tolist() == [True, False, True]
    joined = "{" + START + "}x" + other
    texts = [joined[start:end] for start, end in found.spans[2].tolist()]
    assert (texts[USER], texts[ITEM], texts[SESSION], texts[REC]) == ("u 2", "i-2", "12345678", " r ")
    assert (found.ts[2], found.spans[0, SESSION].tolist()) == (18, [0, 0])


@pytest.mark.parametrize(
    "value", ["0", "1", "7.5", "0.1", "12345.6789012345", "123456789012345", "0.30000000000000", "00.5"[1:]]
)
def test_a_short_decimal_is_the_nearest_number(value: str) -> None:
    found = read("{" + START + f',"value":{value}' + "}")
    assert found.plain[0]
    assert found.value[0] == float(value)


@pytest.mark.parametrize(
    "rest",
    [
        '"value":-1', '"value":1e2', '"value":01', '"value":1.', '"value":.1', '"value":1234567890.123456',
        '"value":null',
        '"value":""', '"v":2', '"v":1.0', '"ts":6', '"user_id":"u"', '"session_id":null', '"session_id":""',
        '"session_id":" s"', '"session_id":"s "', '"event_id":""', '"event_id":"123456789"', '"rec_id":"\\n"',
        '"rec_id":"\x7f"', '"rec_id":"\t"', '"rec_id":"é"', '"category":"c"', '"context":{}', '"other":1', '"V":1',
        '"v" :1', '"v":1 ', '"v":', '"v"', '"v', "", " ", '"v":1,', '"v":1}', '"v":1,"v":1', "v:1", '"v":\t1', '"v":1"',
    ],
)  # fmt: skip
def test_anything_else_is_left(rest: str) -> None:
    assert not read("{" + START + "," + rest + "}").plain[0]


@pytest.mark.parametrize(
    "record",
    [
        "", "{", "}", "{}", "[]", "{}}", "{" + START, START + "}", " {" + START + "}", "{" + START + "} ",
        "{ " + START + "}",
        '{"item_id":"i","ts":5}', '{"user_id":"u","ts":5}', '{"user_id":"u","item_id":"i"}',
        "{" + START.replace("5", "4") + "}", "{" + START.replace("5", "05") + "}",
        "{" + START.replace("5", "5.0") + "}",
        "{" + START.replace("5", str(NOW + 1)) + "}", "{" + START.replace("5", "1" * 16) + "}",
        "{" + START.replace("5", '"5"') + "}", "{" + START.replace('"u"', "7") + "}",
    ],
)  # fmt: skip
def test_what_is_no_event_is_left(record: str) -> None:
    assert not read(record).plain[0]


def test_the_last_character_that_is_plain() -> None:
    assert chr(LAST) == "~"
    assert read("{" + START.replace('"u"', '"~"') + "}").plain[0]
