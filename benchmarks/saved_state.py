"""A shop's state as production holds it, folded by the real steps and saved by the real state log."""

from shared.adapters.state_log import StateLog
from shared.contracts.frames import Frame
from shared.contracts.settings import Settings
from shared.contracts.topics import FRAMES, ITEM_DELTAS
from shared.core.items import item_segments
from shared.core.items.items import Items
from shared.core.profiles import profile_segments
from shared.core.profiles.profiles import Profiles


class FoldedShop:
    """The states of all partitions, in this process."""

    def __init__(self, settings: Settings) -> None:
        sizes = settings.topics
        self.profiles = [Profiles(settings, n) for n in range(sizes.frames_partitions)]
        self.items = [Items(settings, n) for n in range(sizes.items_partitions)]
        self._profile_logs = [StateLog(settings, FRAMES, n) for n in range(len(self.profiles))]
        self._item_logs = [StateLog(settings, ITEM_DELTAS, n) for n in range(len(self.items))]

    def fold(self, frames: list[tuple[int, Frame]]) -> None:
        """Each frame is the next record of its partition, each delta of its own."""
        for number, frame in frames:
            profiles = self.profiles[number]
            for owner, delta in profiles.step(profiles.state.offset + 1, frame).deltas:
                items = self.items[owner]
                items.step(items.offset + 1, delta)

    def mark_published(self) -> None:
        """As a worker would have by now: rows, scopes and items do not wait."""
        for items in self.items:
            items.dirty_rows.clear()
            items.dirty_stats.clear()
            items.scopes.dirty.owe(())
            items.catalogue.dirty.owe(())

    def save(self) -> int:
        """A checkpoint of every partition; returns the bytes written."""
        written = 0
        for profiles, log in zip(self.profiles, self._profile_logs, strict=True):
            written += log.save(profiles.state.offset, profile_segments.take(profiles.state))
        for items, log in zip(self.items, self._item_logs, strict=True):
            written += log.save(items.offset, item_segments.take(items))
        return written

    def size(self) -> dict[str, float]:
        """How much it is of what."""
        states = [profiles.state for profiles in self.profiles]
        users = sum(len(state.users) for state in states)
        lengths = sum(int(state.histories.entered.sum()) for state in states)
        return {
            "users": users,
            "items": len(self.items[0].items),
            "mean_history": round(lengths / max(1, users), 1),
        }
