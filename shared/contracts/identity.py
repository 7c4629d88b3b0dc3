"""One spelling per id: trim, Unicode NFC, alias table; then bounds and printability; pseudonyms, if wanted."""

import unicodedata
from functools import lru_cache
from hashlib import blake2b

from shared.contracts import reasons
from shared.contracts.errors import BadRecord
from shared.contracts.sections import IdentitySettings

SESSION_PREFIX = "session:"


def normalise(raw: str, field: str, rules: IdentitySettings, max_length: int) -> str:
    """The id as it is used everywhere after ingest.

    Raises :class:`BadRecord` (``id-empty``, ``id-too-long``, ``id-unprintable``).
    """
    if is_plain(raw, max_length):
        return raw
    text = raw.strip() if rules.trim else raw
    _check_length(text, field, max_length)
    if rules.unicode_nfc and not text.isascii():
        text = unicodedata.normalize("NFC", text)
        _check_length(text, field, max_length)  # a few characters grow
    if not text:
        raise BadRecord(reasons.ID_EMPTY, f"{field} is empty", field)
    if not text.isprintable():  # a lone surrogate is not either, so every id can be encoded
        raise BadRecord(reasons.ID_UNPRINTABLE, f"{field} has characters that cannot be printed", field)
    return text


def normalise_user(raw: str, field: str, rules: IdentitySettings, max_length: int) -> str:
    """The same of whoever has a list: a user, or ``session:`` and a session's id, which may be as long as a user's."""
    guest = raw.lstrip().startswith(SESSION_PREFIX)
    return normalise(raw, field, rules, max_length + len(SESSION_PREFIX) if guest else max_length)


def is_plain(raw: str, max_length: int) -> bool:
    """Whether the id is right as it is under any rules: printable ASCII, whose only white space is the blank."""
    return raw.isascii() and 0 < len(raw) <= max_length and raw.isprintable() and raw[0] != " " != raw[-1]


def asked_for(raw: str, rules: IdentitySettings, max_length: int) -> tuple[str, str]:
    """A user whom somebody names: the id as it is spelt, and the name that is kept of it behind ingest.

    Raises :class:`BadRecord` as :func:`normalise_user`.
    """
    user = normalise_user(raw, "user_id", rules, max_length)
    return user, pseudonym(user, rules)


def _check_length(text: str, field: str, max_length: int) -> None:
    if len(text) > max_length:
        raise BadRecord(reasons.ID_TOO_LONG, f"{field} has {len(text)} characters, {max_length} at most", field)


def canonical_item(item_id: str, rules: IdentitySettings) -> str:
    """The item that an alias stands for, which is none itself: whoever asks again gets the same."""
    return rules.aliases.get(item_id, item_id)


def pseudonym(user: str, rules: IdentitySettings) -> str:
    """The name under which a user (or ``session:…``) is known behind ingest: the id itself, or with a secret set the
    first 128 bits of the id's BLAKE2b keyed with it, in hex.
    """
    if not rules.user_secret:
        return user
    if user.startswith(SESSION_PREFIX):
        return SESSION_PREFIX + _keyed(user.removeprefix(SESSION_PREFIX), rules.user_secret)
    return _keyed(user, rules.user_secret)


@lru_cache(maxsize=100_000)
def _keyed(text: str, secret: str) -> str:
    return blake2b(text.encode(), key=secret.encode(), digest_size=16).hexdigest()
