import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.contracts import reasons
from shared.contracts.errors import BadRecord
from shared.contracts.identity import canonical_item, normalise, normalise_user, pseudonym
from shared.contracts.sections import IdentitySettings

RULES = IdentitySettings()


def normal(raw: str, rules: IdentitySettings = RULES, longest: int = 16) -> str:
    return normalise(raw, "user_id", rules, longest)


def reason(raw: str, rules: IdentitySettings = RULES) -> str:
    with pytest.raises(BadRecord) as caught:
        normal(raw, rules)
    assert caught.value.field == "user_id"
    return caught.value.reason


def test_white_space_is_trimmed() -> None:
    assert normal(" \t u 1\u2003\n") == "u 1"
    assert normal(" u ", IdentitySettings(trim=False)) == " u "


def test_one_spelling_of_an_accent() -> None:
    assert normal("cafe\u0301") == normal("caf\u00e9") == "caf\u00e9"
    assert normal("cafe\u0301", IdentitySettings(unicode_nfc=False)) == "cafe\u0301"


def test_a_guests_session_may_be_as_long_as_a_user() -> None:
    for longest in ("session:" + 16 * "s", 16 * "u"):
        assert normalise_user(f" {longest} ", "user_id", RULES, 16) == longest
        with pytest.raises(BadRecord):
            normalise_user(f"{longest}x", "user_id", RULES, 16)


def test_what_is_no_id() -> None:
    assert reason("") == reasons.ID_EMPTY
    assert reason("   ") == reasons.ID_EMPTY
    assert reason("x" * 17) == reasons.ID_TOO_LONG
    assert reason("a\x00b") == reasons.ID_UNPRINTABLE
    assert reason("a\nb") == reasons.ID_UNPRINTABLE
    assert reason("a\u200bb") == reasons.ID_UNPRINTABLE


def test_lone_surrogates_stop_here() -> None:
    """They cannot be encoded, so routing and Redis keys would crash on them."""
    for surrogate in ("\ud800", "\udfff", "a\udc80b"):
        assert reason(surrogate) == reasons.ID_UNPRINTABLE
        assert reason(surrogate, IdentitySettings(trim=False, unicode_nfc=False)) == reasons.ID_UNPRINTABLE


def test_white_space_around_an_id_does_not_count() -> None:
    assert normal(" " * 50 + "x" * 16) == "x" * 16


def test_length_is_that_of_the_id_as_used() -> None:
    grows = "\u0344" * 16  # each one becomes two characters in NFC
    assert len(unicodedata.normalize("NFC", grows)) == 32
    assert reason(grows) == reasons.ID_TOO_LONG


def test_an_alias_is_followed_to_its_end_so_it_may_be_asked_again() -> None:
    rules = IdentitySettings(aliases={"a": "b", "b": "c", "d": "d"})
    once = [canonical_item(item, rules) for item in "abcde"]
    assert once == [canonical_item(item, rules) for item in once] == ["c", "c", "c", "d", "e"]


def test_aliases_are_spelt_as_ids_are() -> None:
    assert IdentitySettings(aliases={" a ": "cafe\u0301"}).aliases == {"a": "caf\u00e9"}
    assert IdentitySettings(trim=False, unicode_nfc=False, aliases={" a": "e\u0301"}).aliases == {" a": "e\u0301"}


@pytest.mark.parametrize("aliases", [{"a": "b", "b": "a"}, {"a": "b", "b": "c", "c": "b"}, {"a": " "}])
def test_an_alias_stands_for_something_else(aliases: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="stands for"):
        IdentitySettings(aliases=aliases)


@given(st.text(st.characters(exclude_categories=[]), max_size=40))
def test_a_normal_id_stays_as_it_is_and_can_be_encoded(raw: str) -> None:
    with suppress(BadRecord):
        once = normal(raw, longest=64)
        assert normal(once, longest=64) == once
        assert once.encode().decode() == once


def test_a_pseudonym_needs_the_secret_and_keeps_sessions_apart() -> None:
    plain, keyed, other = (IdentitySettings(user_secret=secret) for secret in ("", "one", "two"))
    assert pseudonym("ann", plain) == "ann"
    assert pseudonym("ann", keyed) == pseudonym("ann", keyed) != pseudonym("ann", other)
    assert "ann" not in pseudonym("ann", keyed)
    assert pseudonym("session:ann", keyed) == f"session:{pseudonym('ann', keyed)}"
