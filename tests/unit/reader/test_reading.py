from collections.abc import Callable

import pytest

from services.reader.store.reading import Listed, Unreadable, codes_at, read_item, read_listed, read_view

LIST = b'{"v":1,"at":"1.2","ts":5,"source":"personal","model":"m","items":["a","b","c"],"scores":[3,2,1],"by":"%s"}'


def listed(by: bytes) -> Listed:
    return read_listed(LIST % by)


def test_letters_stand_for_sources() -> None:
    assert codes_at(listed(b"tnr"), [2, 0, -1], "batch") == ["trend", "together", "batch"]


def test_too_few_letters_say_nothing() -> None:
    assert codes_at(listed(b"tn"), [1, 0, -1], "batch") == ["", "", "batch"]


@pytest.mark.parametrize("by", [b"?nr", b"t?r", b"tn?"])
def test_a_letter_that_no_source_has(by: bytes) -> None:
    with pytest.raises(Unreadable, match=r"not a view: by: no source has the letter '\?'"):
        codes_at(listed(by), [0], "trend")


@pytest.mark.parametrize("read", [read_listed, read_view, read_item])
@pytest.mark.parametrize("raw", [b"[", b'{"at":"\xff"}', b'{"more":' + b"[" * 100_000])
def test_what_is_no_view_cannot_be_read(read: Callable[[bytes], object], raw: bytes) -> None:
    with pytest.raises(Unreadable):
        read(raw)
