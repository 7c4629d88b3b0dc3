"""One spelling per id: trim, Unicode NFC, alias table; then bounds and printability."""

import unicodedata

from shared.contracts import reasons
from shared.contracts.errors import BadRecord
from shared.contracts.settings import IdentitySettings


def normalise(raw: str, field: str, rules: IdentitySettings, max_length: int) -> str:
    """The id as it is used everywhere after ingest.

    Raises :class:`BadRecord` (``id-empty``, ``id-too-long``, ``id-unprintable``). ASCII ids take the short way.
    """
    if len(raw) > max_length:
        raise BadRecord(reasons.ID_TOO_LONG, f"{field} has {len(raw)} characters, {max_length} at most", field)
    text = raw.strip() if rules.trim else raw
    if rules.unicode_nfc and not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if not text:
        raise BadRecord(reasons.ID_EMPTY, f"{field} is empty", field)
    if not text.isprintable():
        raise BadRecord(reasons.ID_UNPRINTABLE, f"{field} has control characters", field)
    return text


def canonical_item(item_id: str, rules: IdentitySettings) -> str:
    """The item that an alias stands for (one step, so a cycle cannot hang)."""
    return rules.aliases.get(item_id, item_id)
