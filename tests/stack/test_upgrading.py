"""Logs of another version are refused by name, and begun anew as docs/operations.md says; lists stand meanwhile."""

import json
import subprocess
import sys
from pathlib import Path

import msgspec

from shared.adapters.kafka_clients import exact_producer
from shared.contracts.errors import EXIT_NEEDS_A_PERSON
from shared.contracts.frames import FRAME_VERSION
from shared.contracts.routing import partition_of
from shared.contracts.settings import Settings
from shared.contracts.topics import FRAMES, group_name, topic_name
from tests.docs.blocks import blocks
from tests.stack.parts import headrace, only, running, variables_of
from tests.stack.shop import Shop
from tests.waiting import wait_for

PROGRAM = blocks("operations.md", "run")["begin_anew.py"]


def test_a_log_of_another_version_is_begun_anew_from_the_raw_topics(settings: Settings, tmp_path: Path) -> None:
    shop, output, variables = Shop(settings), tmp_path / "output", variables_of(settings)
    with running(settings, variables, output):
        shop.send_views()
        wait_for("lists", lambda: shop.whole_in(1), output)

    _write_another_version(settings)
    with only("worker", settings, variables, output) as parts:
        wait_for("the refusal", lambda: parts.exit_status == EXIT_NEEDS_A_PERSON, output)
    assert f"frame version {FRAME_VERSION + 1}, known is {FRAME_VERSION}" in output.read_text()
    assert shop.whole_in(1)

    subprocess.run([sys.executable, "-c", PROGRAM], env=variables, check=True, timeout=120)
    with only("ingest", settings, variables, output):
        wait_for("frames of all that is in the raw topics", lambda: _behind(settings, variables) == 0, output)
    done = headrace(variables, "rebuild", "--then-stop")
    assert done.returncode == 0, done.stderr
    assert shop.whole_in(2)
    done = headrace(variables_of(settings, HEADRACE_GENERATION="2"), "verify", "--json")
    assert (done.returncode, json.loads(done.stdout)["not_compared"]) == (0, []), done.stdout + done.stderr


def _write_another_version(settings: Settings) -> None:
    partition = partition_of("ann", settings.topics.frames_partitions)
    foreign, value = exact_producer(settings.kafka), msgspec.msgpack.encode({"v": FRAME_VERSION + 1, "users": ["ann"]})
    foreign.produce(topic_name(settings, FRAMES), value, partition=partition)
    assert foreign.flush(60) == 0


def _behind(settings: Settings, variables: dict[str, str]) -> int:
    """Records that ingest has not acknowledged."""
    groups = json.loads(headrace(variables, "lag", "--json").stdout)["groups"]
    return next(int(g["records_behind"]) for g in groups if g["group"] == group_name(settings, "ingest"))
