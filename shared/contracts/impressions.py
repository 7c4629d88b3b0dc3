"""The answers that were served, as the reader logs them: the `impression` topic."""

import msgspec


class Impression(msgspec.Struct, gc=False):
    """One answer: who got which items, from which source, when. ``ts`` is the reader's clock, epoch ms.

    ``user_id`` is empty where the request named none (trending, popular, similar items without ``user=``).
    """

    rec_id: str
    user_id: str
    ts: int
    source: str
    items: list[str]
    v: int = 1
