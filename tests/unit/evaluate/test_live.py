"""Frames of a log under test: who is asked for is known up to now, others may wait for their frame to end."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from services.cli.evaluate import evaluate
from services.evaluate.event_log import EventLog
from services.evaluate.headrace import Headrace
from services.evaluate.live import LONGEST_WAIT_MS, MOST_IN_A_FRAME, Live
from services.evaluate.method import Query
from services.evaluate.past import Past
from services.evaluate.prequential import Pass
from services.evaluate.production import Production
from services.evaluate.protocol import Protocol, plan_test
from services.producers.records import Record
from shared.contracts.frames import Frame
from shared.contracts.settings import load_settings
from shared.core.items.content import Alike
from shared.core.kernel import Ints
from shared.core.profiles.profiles import ProfileEffects
from tests.unit.evaluate import logs
from tests.unit.producers.logs import write


def shop(users: int, events: int = 600, basket: int = 0, a_minute: int = 30) -> EventLog:
    """Views by so many users, alone or in baskets of so many."""
    rng, records = np.random.default_rng(3), list[Record]()
    while len(records) < events:
        user, minute = int(rng.integers(users)), len(records) / a_minute
        for n in range(basket or 1):
            item = f"i{int(rng.integers(40) ** 2 / 40)}"
            more = {"basket": f"{len(records) // basket}"} if basket else {}
            records.append(logs.record(f"u{user}", item, minute + n / 1000, **more))
    return logs.of(records, baskets=basket > 0)


class Watched(Headrace):
    """Notes which events were folded, frame by frame; what holds of every list is looked at before it is made."""

    def __init__(self, past: Past, production: Production, starts: dict[int, int]) -> None:
        super().__init__(past, production)
        self.frames: list[list[int]] = []
        self.unseen: list[int] = []
        self._starts = starts
        self._take = production.pipeline.take_frame
        production.pipeline.take_frame = self._taken  # type: ignore[method-assign]

    def _taken(self, partition: int, offset: int, frame: Frame) -> ProfileEffects:
        self.frames.append(frame.column("source_offset").tolist())
        return self._take(partition, offset, frame)

    def _served(self, query: Query, n: int) -> Ints:
        folded, start = {event for frame in self.frames for event in frame}, self._starts[query.event]
        assert max(folded, default=-1) < start  # nothing of what is asked for, nor of its basket
        own = np.flatnonzero(self.past.log.user[:start] == query.user)
        assert folded.issuperset(own.tolist())
        stored = self._production.stored.of(query.user)
        assert (stored is None) == (len(own) == 0)
        assert stored is None or stored[0] >= self.past.log.ts[own[-1]]
        self.unseen.append(start - len(folded))
        return super()._served(query, n)


def watched(log: EventLog, protocol: Protocol) -> tuple[Watched, Ints]:
    """After a pass, with its lists."""
    past, plan = Past(log), plan_test(log, protocol)
    production = Live(log, load_settings(), behind=protocol.behind, frame=protocol.frame)
    starts = dict(zip(plan.targets.tolist(), plan.start.tolist(), strict=True))
    method = Watched(past, production, starts)
    outcome = Pass(past, {"headrace": method}, plan, None, 20, protocol.repeats).run()["headrace"]
    return method, outcome.lists


@pytest.mark.parametrize("basket", [0, 3])
@pytest.mark.parametrize("frame", [1, 9, 64])
def test_the_own_history_is_fresh_and_others_wait_for_the_frame(frame: int, basket: int) -> None:
    method, _ = watched(shop(200, basket=basket), Protocol(frame=frame, baskets=basket > 0, sample=60))
    assert method.unseen
    assert max(method.unseen) < frame
    assert max(map(len, method.frames)) < MOST_IN_A_FRAME + max(1, basket)  # a basket is one moment, and not cut
    assert (max(method.unseen) > frame / 3) == (frame > 1)


def test_a_frame_holds_no_more_than_in_production_though_nobody_is_asked_for() -> None:
    log = logs.of([logs.record(f"u{n}", f"i{n % 9}", n) for n in range(600)])
    method, _ = watched(log, Protocol(warmup=0.9, sample=1))
    assert [len(frame) for frame in method.frames[:5]] == [MOST_IN_A_FRAME] * 5


@pytest.mark.parametrize("basket", [0, 3])
def test_no_frame_has_two_moments_of_a_user(basket: int) -> None:
    """Only the first would become an example, and beginnings of sessions would be learned from too often."""
    log = shop(20, basket=basket)
    method, _ = watched(log, Protocol(warmup=0.9, sample=1, baskets=basket > 0))
    for frame in method.frames:
        moments = {(int(log.user[event]), int(log.ts[event])) for event in frame}
        assert len(moments) == len({user for user, _ in moments})
    assert max(map(len, method.frames)) > 3 * max(1, basket)


def test_with_frames_of_one_a_frame_ends_before_every_prediction() -> None:
    log, protocol = shop(20), Protocol(frame=1, sample=100)
    method, lists = watched(log, protocol)
    ends = {frame[-1] + 1 for frame in method.frames}
    assert set(plan_test(log, protocol).targets.tolist()) <= ends

    class Settled(Live):
        def settle_for(self, user: int, ts: int) -> None:
            del user, ts
            self.settle()

    past = Past(log)
    plain = Headrace(past, Settled(log, load_settings(), frame=64))
    before = Pass(past, {"headrace": plain}, plan_test(log, protocol), None, 20).run()["headrace"].lists
    assert before.tolist() == lists.tolist()


def test_frames_of_a_model_that_is_behind_are_ended_while_they_are_young() -> None:
    """20 s an event, 600 s behind: after 60 s, three events, a frame ends though it has room for more."""
    method, _ = watched(shop(200, a_minute=3), Protocol(behind=600, sample=60, frame=64))
    assert max(map(len, method.frames)) == 4
    assert max(method.unseen) <= 4


def test_nobody_waits_for_long_where_little_happens() -> None:
    """An event every two minutes: after five, at a prediction, a frame ends."""
    records = [logs.record(f"u{n}", f"i{n % 9}", 2 * n) for n in range(200)]
    method, _ = watched(logs.of(records), Protocol(frame=64))
    assert max(method.unseen) == LONGEST_WAIT_MS // (2 * logs.MINUTE)


def test_the_size_is_part_of_the_protocol_and_said(tmp_path: Path) -> None:
    rows = [f"u{n % 7},i{n * n % 11},{1700006400 + 60 * n},view" for n in range(90)]
    log, figures = write(tmp_path, "\n".join(["user,item,ts,type", *rows, ""]), "log.csv"), tmp_path / "out.json"
    for said, size, words in ((["--frame", "64"], 64, "know all events but up to 63 of others"), ([], 1, "all events")):
        command = [str(log), *said, "--json", str(figures), "--methods", "headrace,popularity", "--no-tune"]
        result = CliRunner().invoke(evaluate, command, catch_exceptions=False)
        assert json.loads(figures.read_bytes())["protocol"]["frame"] == size
        assert " ".join(result.output.split()).endswith(words)


def test_what_the_log_says_of_items_that_come_later_is_not_known_yet() -> None:
    early = [logs.record(f"u{n % 7}", f"i{12 - n * n % 13:02}", n) for n in range(60)]
    late = [logs.record(f"u{n % 7}", f"late{19 - n:02}", 60 + n) for n in range(20)]
    before: list[list[list[int]]] = []
    after: list[list[list[int]]] = []
    for kind in ("c0", "other"):
        categories = {f"i{n:02}": [f"c{n % 3}"] for n in range(13)} | {f"late{n:02}": [kind] for n in range(20)}
        log = logs.of([*early, *late], categories, ahead=False)
        found = Live(log, load_settings())
        for lists, events in ((before, range(60)), (after, range(60, 80))):
            for event in events:
                found.learn(event)
            found.settle()
            lists.append([found.ranked(user, int(log.ts[-1]), 50).tolist() for user in range(len(log.users))])

    assert before[0] == before[1]
    assert after[0] != after[1]


def test_likeness_is_held_until_an_item_is_new_to_the_category() -> None:
    """By event time, as long as in production: after an hour of the log for some four minutes."""
    looks = [logs.record(f"u{n % 2}", f"hat{n % 2}", n) for n in range(61)]
    others = [logs.record("other", f"new{n}", 60.2 + n / 10) for n in range(3)]
    log = logs.of([*looks, *others], {f"{name}{n}": ["hats"] for name in ("hat", "new") for n in range(3)}, ahead=False)
    found, read = Live(log, load_settings()), list[list[str]]()
    [items] = found.pipeline.items
    likeness = items.alike

    def watched(slots: Ints) -> Alike:
        read[-1] += [items.items.names[slot] for slot in slots.tolist()]
        return likeness(slots)

    items.alike = watched  # type: ignore[method-assign]
    for event in range(len(log.user)):
        read.append([])
        found.learn(event)
        found.settle()
        read.append([])
        found.ranked(int(log.user[0]), int(log.ts[event]), 50)
    asked = read[1::2]
    assert asked[60:] == [[], ["hat0"], ["hat0"], ["hat0"]]
    assert 3 < sum(bool(names) for names in asked[:60]) < 30
