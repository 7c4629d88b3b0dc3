"""How often a worker makes examples: of one frame in a while, and never of a replayed one."""

from typing import Any, cast

from shared.adapters.rank_reader import RankReader
from shared.adapters.redis_views import ViewStore
from shared.contracts.events import Event
from shared.contracts.examples import decode_examples
from shared.contracts.frames import encode_frame
from shared.contracts.settings import load_settings
from shared.contracts.topics import EXAMPLES, topic_name
from shared.contracts.views import Keys
from shared.core.frames.framing import FrameBuilder
from shared.core.lists.list_maker import ListMaker
from streams.steps.ports import Ports
from streams.steps.profiles import ProfilesStep
from tests.unit.streams.late_kernels import Records, Views

START = 1_700_000_000_000


class Taught:
    """A step whose clock stands until it is moved."""

    def __init__(self) -> None:
        settings = load_settings(ranker={"pause_ms": 250}, topics={"items_partitions": 1})
        views = cast("ViewStore", Views())
        self.now, self._records, self._offset = START, Records(), 0
        maker = ListMaker(settings, RankReader(views, settings), self._clock)
        ports = Ports(settings, cast("Any", self._records), views, Keys(settings), maker, self._clock)
        self.step, self._topic = ProfilesStep(0, ports), topic_name(settings, EXAMPLES)

    def _clock(self) -> int:
        return self.now

    def frame(self, users: int = 1, *, replayed: bool = False) -> list[int]:
        """A new item for each of so many users, as a frame; the offsets of the frames that examples were made of."""
        builder, n = FrameBuilder(), self._offset
        for user in range(users):
            event = Event(user_id=f"u{user}", item_id=f"i{n}", ts=START + n)
            builder.add_event(("view", 0, 100 * n + user), START + n, "view", event)
        self.step.apply(n, encode_frame(builder.build()), replayed=replayed)
        self._offset += 1
        return [decode_examples(value).offset for _, value in self._records.of.pop(self._topic, [])]


def test_examples_are_made_of_one_frame_in_a_while() -> None:
    taught = Taught()
    assert taught.frame() == [0]
    taught.now += 249
    assert taught.frame() == []
    taught.now += 1
    assert taught.frame() == [2]


def test_many_examples_make_the_pause_longer() -> None:
    taught = Taught()
    assert taught.frame(users=33) == [0]
    taught.now += 499
    assert taught.frame() == []
    taught.now += 1
    assert taught.frame() == [2]


def test_a_replayed_frame_teaches_nothing() -> None:
    taught = Taught()
    assert taught.frame(replayed=True) == []
    assert taught.frame() == [1]
