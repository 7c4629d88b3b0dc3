import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.batch import BatchList, decode_batch_list, encode_batch_list
from shared.contracts.errors import BadRecord
from shared.contracts.sections import EventSettings, IdentitySettings

RULES, IDENTITY = EventSettings(), IdentitySettings(aliases={"old": "new"})


def decoded(raw: bytes) -> BatchList:
    return decode_batch_list(raw, RULES, IDENTITY)


def test_ids_are_brought_to_one_spelling_and_items_come_once() -> None:
    found = decoded(b'{"user_id":" ann ","items":["x","old","x","new"],"scores":[1,2,3,1],"more":1}')
    assert found == BatchList("ann", ["x", "new"], [3.0, 2.0])


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'{"user_id":"a","items":[]}', "missing-field"),
        (b'{"user_id":"a"}', "missing-field"),
        (b'{"user_id":"","items":["x"]}', "id-empty"),
        (b'{"user_id":"a","items":["x"],"scores":[1,2]}', "wrong-type"),
        (b'{"user_id":"a","items":["x"],"v":2}', "unknown-version"),
        (b'{"user_id":"a","items":[' + b",".join([b'"x"'] * 1001) + b"]}", "too-large"),
        (b"[]", "wrong-type"),
        (b"{", "malformed-json"),
    ],
)
def test_what_is_none_says_why(raw: bytes, reason: str) -> None:
    with pytest.raises(BadRecord) as found:
        decoded(raw)
    assert found.value.reason == reason


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.floats(-1e6, 1e6)), min_size=1))
def test_scores_fall_and_what_was_decoded_stays(rows: list[tuple[str, float]]) -> None:
    raw = encode_batch_list(BatchList("u", [item for item, _ in rows], [score for _, score in rows]))
    found = decoded(raw)
    assert found.scores == sorted(found.scores, reverse=True)
    assert dict(zip(found.items, found.scores, strict=True)) == {
        item: max(score for other, score in rows if other == item) for item, _ in rows
    }
    assert decoded(encode_batch_list(found)) == found
