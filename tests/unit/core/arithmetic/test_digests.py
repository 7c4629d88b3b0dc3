from hashlib import blake2b

from hypothesis import given
from hypothesis import strategies as st

from shared.core.arithmetic.digests import FEW, digests
from shared.core.frames.framing import event_keys

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


def plain(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


@given(st.lists(texts, max_size=8))
def test_they_are_hashlibs(many: list[str]) -> None:
    assert digests(many).tolist() == [plain(text) for text in many]
    assert digests(many * FEW).tolist() == [plain(text) for text in many] * FEW


def test_texts_at_the_edges_of_blocks() -> None:
    many = ["x" * size for size in (0, 1, 7, 8, 9, 127, 128, 129, 255, 256, 257, 1024)]
    assert digests(many).tolist() == [plain(text) for text in many]


@given(st.lists(st.none() | texts, max_size=8))
def test_event_keys_are_the_digest_of_each_id(ids: list[str | None]) -> None:
    assert event_keys(ids).tolist() == [0 if event_id is None else plain(event_id) or 1 for event_id in ids]
