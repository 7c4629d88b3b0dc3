"""What a user was shown lately, for rules that let it sink: digests of items in Redis, 4 bytes each.

It is no state that anything is folded from: lost, it begins anew.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import structlog

from services.reader.asked.asking import DIGEST, shown_digest
from services.reader.store.views import Views
from shared.contracts.errors import Unavailable
from shared.contracts.views import Keys

LASTING_S = 7 * 86_400  # since the user was shown anything
MOST = 2000  # items back that count
log = structlog.get_logger()


class ShownLately:
    """Counts by user, who is named as behind ingest (:func:`shared.contracts.identity.pseudonym`)."""

    def __init__(self, views: Views, keys: Keys) -> None:
        self._views = views
        self._keys = keys

    async def of(self, user: str) -> Mapping[int, int]:
        """How often each item was shown, by :func:`shown_digest`; nothing while Redis does not answer."""
        try:
            [raw] = await self._views.get(self._keys.shown(user)) if user else [None]
        except Unavailable:
            raw = None
        if not raw:
            return {}
        whole = raw[: len(raw) // 4 * 4][-4 * MOST :]
        return Counter(np.frombuffer(whole, dtype=DIGEST).tolist())

    async def add(self, user: str, items: Sequence[str]) -> None:
        """These were shown. Redis being away loses that, and nothing else; while it is nobody waits for it."""
        if not self._views.up:
            return
        shown = np.array([shown_digest(item) for item in items], dtype=DIGEST).tobytes()
        try:
            await self._views.append(self._keys.shown(user), shown, 8 * MOST, LASTING_S)
        except Unavailable:
            log.debug("shown_not_kept")
