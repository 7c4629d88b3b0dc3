"""What a storefront is made by. Shares are of the events asked for; times are epoch or plain milliseconds."""

from dataclasses import dataclass

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


@dataclass(frozen=True)
class Parameters:
    """``start_ms`` is when the first session may begin; everything happens within ``duration_ms`` of it."""

    seed: int
    start_ms: int
    users: int = 2000
    items: int = 1000
    events: int = 100_000
    duration_ms: int = 7 * DAY_MS
    duplicate_share: float = 0.01  # sent again with the same event id
    late_share: float = 0.01  # arrive two minutes to a day after they happened
    disorder_share: float = 0.02  # arrive up to ten seconds late
    bot_share: float = 0.02
    bad_share: float = 0.0  # break the contract
    new_item_share: float = 0.2  # of items appear while the shop is open
    drift_days: float = 14.0  # in which a taste turns into another

    @property
    def end_ms(self) -> int:
        return self.start_ms + self.duration_ms
