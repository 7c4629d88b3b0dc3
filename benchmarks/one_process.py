"""All steps of a worker in this process, over a real Redis and without Kafka: for what is measured of a step alone. It
holds all partitions, as the only worker does.
"""

from collections import deque
from collections.abc import Iterable

from shared.adapters.clock import epoch_ms
from shared.adapters.kafka_clients import exact_producer
from shared.adapters.rank_reader import RankReader, items_at_hand
from shared.adapters.redis_views import ViewStore
from shared.contracts.frames import Frame, encode_frame
from shared.contracts.settings import Settings
from shared.contracts.topics import ITEM_DELTAS, TOPS, topic_name
from shared.contracts.views import Keys
from shared.core.kernel import Ints
from shared.core.lists.list_maker import ListMaker
from streams.out.delivery import Delivery, Headers
from streams.steps.items import ItemsStep
from streams.steps.lists import ListWriter
from streams.steps.ports import Ports
from streams.steps.profiles import NOTHING, ProfilesStep
from streams.steps.step import Step
from streams.steps.tops import TopsStep


class Kept(Delivery):
    """Keeps what is produced, to be given to the next step."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(exact_producer(settings.kafka))
        self.records: deque[tuple[str, int, bytes]] = deque()

    def produce(
        self,
        topic: str,
        value: bytes | None,
        *,
        partition: int = -1,
        key: bytes | None = None,  # noqa: ARG002
        headers: Headers | None = None,  # noqa: ARG002
    ) -> None:
        self.records.append((topic, partition, value or b""))


class Measured(ProfilesStep):
    """The profiles step, whose lists are written when somebody says so."""

    def __init__(self, partition: int, ports: Ports, writer: ListWriter) -> None:
        super().__init__(partition, ports)
        self._writer = writer

    @property
    def names(self) -> list[str]:
        return list(self._core.state.users.slots)

    @property
    def users(self) -> Ints:
        """Slots of all."""
        return self._core.state.users.live()

    def forget_touched(self) -> None:
        self._touched.clear()
        self._arrived.clear()

    def write_lists(self, users: Ints) -> None:
        """Of these slots, as a turn does of those that were touched."""
        self._ask(users, NOTHING)
        self._writer.write()


class OneProcess:
    """Frames in; views in Redis. No examples, so the ranker stands as it begins."""

    def __init__(self, settings: Settings) -> None:
        self.kept = Kept(settings)
        self.views = ViewStore(settings)
        at_hand = items_at_hand(settings)
        maker = ListMaker(settings, RankReader(self.views, settings, at_hand), epoch_ms)
        self.ports = Ports(settings, self.kept, self.views, Keys(settings), maker, at_hand=at_hand)
        sizes, writer = settings.topics, ListWriter(self.ports)
        self.profiles = [Measured(n, self.ports, writer) for n in range(sizes.frames_partitions)]
        items, tops = [ItemsStep(n, self.ports) for n in range(sizes.items_partitions)], TopsStep(0, self.ports)
        for step in items:
            step.hold()
        self._steps: dict[tuple[str, int], Step] = {(topic_name(settings, TOPS), 0): tops}
        self._steps |= {(topic_name(settings, ITEM_DELTAS), n): step for n, step in enumerate(items)}

    def fold(self, frames: Iterable[tuple[int, Frame]]) -> None:
        """Each is the next record of its partition; lists are not written by this."""
        for number, frame in frames:
            step = self.profiles[number]
            step.apply(step.offset + 1, encode_frame(frame), replayed=False)
            step.forget_touched()
            self._hand_on()

    def _hand_on(self) -> None:
        self.kept.send_packs()
        while self.kept.records:
            topic, number, value = self.kept.records.popleft()
            step = self._steps.get((topic, number))
            if step is not None:  # examples have no reader here
                step.apply(step.offset + 1, value, replayed=False)

    def publish_items(self) -> None:
        """Rows, numbers and tops, until nothing waits."""
        now = epoch_ms()
        while self.kept.records or not all(step.settled for step in self._steps.values()):
            now += self.ports.settings.ticks.tops_ms
            for step in self._steps.values():
                step.tick(now)
            self._hand_on()

    def close(self) -> None:
        self.views.close()
