"""A worker that ends in order, one that finds a damaged state, one under other settings, one of a later generation."""

import json
import time
from pathlib import Path

from shared.adapters.kafka_clients import exact_producer
from shared.contracts.errors import EXIT_NEEDS_A_PERSON
from shared.contracts.routing import partition_of
from shared.contracts.settings import Settings
from shared.contracts.topics import STATE_PROFILES, topic_name
from tests.stack.parts import headrace, running, variables_of
from tests.stack.shop import USERS, Shop
from tests.waiting import wait_for


def test_a_state_is_handed_over_and_made_anew_only_by_the_next_generation(settings: Settings, tmp_path: Path) -> None:
    shop, output = Shop(settings), tmp_path / "output"
    with running(settings, variables_of(settings), output):
        shop.send_views()
        wait_for("lists", lambda: shop.whole_in(1), output)
        wait_for("a pulse that has counted all", lambda: shop.applied() == 3 * len(USERS), output)
        wait_for("the ranker, which is held last", shop.ranker, output)
    assert shop.unsaved() == [], "a worker that is asked to end saves what it has"

    _damage(shop, settings)
    with running(settings, variables_of(settings), output):
        sent = time.time_ns() // 1_000_000
        shop.send_views()
        wait_for("a list made from the whole log", lambda: shop.ts_of("ann") >= sent, output)
        wait_for("a pulse that has counted all", lambda: shop.applied() is not None, output)
        wait_for("rows and tops that say all", shop.acknowledged, output)
    assert "state is torn: replaying the log from its beginning" in output.read_text()
    assert shop.unsaved() == [], "and whole again"
    done = headrace(variables_of(settings), "verify", "--json")
    assert (done.returncode, json.loads(done.stdout)["not_compared"]) == (0, []), done.stdout + done.stderr

    others = {"HEADRACE_PROFILES_HISTORY": "7"}
    with running(settings, variables_of(settings, **others), output) as parts:

        def status() -> int | None:
            return next((s.exit_status for s in parts.status() if s.part == "worker" and s.state == "down"), None)

        assert wait_for("the refusal", status, output) == EXIT_NEEDS_A_PERSON
    assert "profiles.history was 40, is 7" in output.read_text()
    assert "HEADRACE_GENERATION=2" in output.read_text()

    with running(settings, variables_of(settings, HEADRACE_GENERATION="2", **others), output):
        wait_for("lists of the second generation", lambda: shop.whole_in(2), output)


def _damage(shop: Shop, settings: Settings) -> None:
    """A segment of the partition that holds ann is another than its manifest says."""
    topic = topic_name(settings, STATE_PROFILES)
    partition = partition_of("ann", settings.topics.frames_partitions)
    names = shop.log.latest(topic, partition, b"000001/")
    name = next(name for name in sorted(names) if not name.endswith(b"/manifest"))
    foreign = exact_producer(settings.kafka)
    foreign.produce(topic, names[name] + b"!", key=name, partition=partition)
    assert foreign.flush(60) == 0
