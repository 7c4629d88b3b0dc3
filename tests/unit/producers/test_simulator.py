"""The laws of the storefront."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest

from services.producers.records import encode
from services.producers.simulator.faults import FAULTS, corrupt
from services.producers.simulator.parameters import DAY_MS, Parameters
from services.producers.simulator.stream import Arrival, Storefront, arrivals, open_storefront
from services.producers.simulator.truth import truth
from services.producers.simulator.world import item_id, item_record
from shared.contracts.errors import BadRecord
from shared.contracts.events import decode_event, validate_event
from tests.unit.producers.logs import SETTINGS

START = 1_760_000_000_000
SMALL = Parameters(seed=7, start_ms=START, users=200, items=120, events=6000)


@pytest.fixture(scope="module")
def front() -> Storefront:
    return open_storefront(replace(SMALL, bad_share=0.02, duplicate_share=0.05, late_share=0.03))


@pytest.fixture(scope="module")
def events(front: Storefront) -> list[Arrival]:
    return list(arrivals(front))


def first(parameters: Parameters, count: int = 500) -> list[bytes]:
    return [encode(a.record) for a, _ in zip(arrivals(open_storefront(parameters)), range(count), strict=False)]


def check(raw: bytes | None, kind: str, now_ms: int) -> None:
    """As ingest does."""
    rules = SETTINGS.events
    validate_event(decode_event(raw, rules.max_record_bytes), rules.types[kind], now_ms, rules, SETTINGS.identity)


def test_the_same_seed_gives_the_same_events_and_another_seed_others() -> None:
    assert first(SMALL) == first(SMALL)
    assert first(SMALL) != first(replace(SMALL, seed=8))


def test_as_many_as_asked_for_by_arrival_and_within_the_time(events: list[Arrival]) -> None:
    assert len(events) == SMALL.events
    assert all(a.at <= b.at for a, b in pairwise(events))
    assert all(SMALL.start_ms <= a.record.ts <= a.at <= SMALL.end_ms for a in events)


@pytest.mark.parametrize("count", [1, 37, 20_000])
def test_any_count(count: int) -> None:
    assert sum(1 for _ in arrivals(open_storefront(replace(SMALL, events=count)))) == count


def test_shares_are_as_asked(events: list[Arrival]) -> None:
    whole = [a for a in events if not a.fault]
    repeats = len(whole) - len({a.record.event_id for a in whole})
    late = sum(a.at - a.record.ts > 110_000 for a in whole)

    assert repeats / len(events) == pytest.approx(0.05, abs=0.015)
    assert late / len(events) == pytest.approx(0.03, abs=0.012)
    assert sum(a.fault > 0 for a in events) / len(events) == pytest.approx(0.02, abs=0.01)
    assert sum(a.record.user.startswith("bot-") for a in events) / len(events) == pytest.approx(0.02, abs=0.01)


def test_a_repeat_is_the_same_event(events: list[Arrival]) -> None:
    by_id: dict[str | None, set[bytes]] = {}
    for a in events:
        by_id.setdefault(a.record.event_id, set()).add(encode(a.record))

    assert all(len(versions) == 1 for versions in by_id.values())


def test_whole_events_are_accepted_and_broken_ones_are_not(events: list[Arrival]) -> None:
    for a in events[:1000]:
        check(encode(a.record), a.record.type, a.at)
    raw = encode(events[0].record)
    for fault in range(1, len(FAULTS) + 1):
        with pytest.raises(BadRecord):
            check(corrupt(raw, fault), "view", events[0].at)
    assert corrupt(raw, 0) == raw


def test_nothing_is_looked_at_before_it_is_there_except_by_bots(front: Storefront, events: list[Arrival]) -> None:
    born = {item_id(n): ms for n, ms in enumerate(front.world.items.born.tolist())}
    people = [a.record for a in events if not a.record.user.startswith("bot-")]

    assert all(r.ts >= born[r.item or ""] for r in people)
    assert any(ms > START for ms in born.values())


def test_what_goes_together_is_seen_together(front: Storefront, events: list[Arrival]) -> None:
    similar, goes_with = front.world.items.similar.tolist(), front.world.items.complements.tolist()
    near = {item_id(n): {item_id(o) for o in similar[n] + goes_with[n]} for n in range(SMALL.items)}
    last: dict[str | None, str] = {}
    follows: Counter[bool] = Counter()
    for record in sorted((a.record for a in events), key=lambda r: r.ts):
        before = last.get(record.session)
        if before and record.item and record.item != before and not record.user.startswith("bot-"):
            follows[record.item in near[before]] += 1
        last[record.session] = record.item or ""

    assert follows[True] / follows.total() > 0.3  # by chance it would be a tenth


def test_the_evening_is_busier_than_the_night(events: list[Arrival]) -> None:
    hours = Counter((a.record.ts % DAY_MS) // 3_600_000 for a in events)

    assert sum(hours[h] for h in (19, 20, 21)) > 3 * sum(hours[h] for h in (7, 8, 9))


def test_titles_are_readable_and_differ_within_a_category(front: Storefront) -> None:
    catalogue = [item_record(front.world.items, n) for n in range(SMALL.items)]

    assert all(r.title and len(r.categories) == 2 and r.brand and (r.price or 0) > 0 for r in catalogue)
    assert len({(r.title, r.brand, r.categories[-1]) for r in catalogue}) > 0.95 * len(catalogue)


def test_the_truth_tells_what_was_sent(front: Storefront, events: list[Arrival]) -> None:
    told = truth(front)

    assert told["counts"]["events"] == len(events)
    assert told["counts"]["bad"] == sum(a.fault > 0 for a in events)
    assert len(told["items"]) == SMALL.items
    assert len(told["users"]) == SMALL.users
    assert told["bursts"]
