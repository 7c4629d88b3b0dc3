import sys

from services.ops.address import reachable
from services.ops.parts import parts_of
from shared.contracts.settings import Settings

START = ["-m", "shared.adapters.starting"]


def test_parts_are_started_by_module_name() -> None:
    parts = parts_of(Settings(), ingests=1, workers=2, reader=True, collector=True)
    assert [(part.name, part.argv[1:]) for part in parts] == [
        ("ingest", [*START, "streams.ingest"]),
        ("worker-1", [*START, "streams.app"]),
        ("worker-2", [*START, "streams.app"]),
        ("reader", [*START, "services.reader"]),
        ("collector", [*START, "services.collector"]),
    ]
    assert {part.argv[0] for part in parts} == {sys.executable}


def test_ports_are_free_ones_or_consecutive() -> None:
    free = parts_of(Settings(), ingests=1, workers=1, reader=False, collector=False)
    assert [(part.port_env, part.port) for part in free] == [("HEADRACE_METRICS_PORT", 0)] * 2
    settings = Settings.model_validate({"metrics": {"port": 9100}, "reader": {"port": 80}})
    given = parts_of(settings, ingests=2, workers=1, reader=True, collector=False)
    assert [(part.port_env, part.port) for part in given] == [
        ("HEADRACE_METRICS_PORT", 9100),
        ("HEADRACE_METRICS_PORT", 9101),
        ("HEADRACE_METRICS_PORT", 9102),
        ("HEADRACE_READER_PORT", 80),
    ]


def test_members_of_a_group_have_names_of_their_own() -> None:
    settings = Settings.model_validate({"kafka": {"instance_id": "pod-7"}})
    parts = parts_of(settings, ingests=1, workers=2, reader=True, collector=False)
    assert [part.env.get("HEADRACE_KAFKA_INSTANCE_ID") for part in parts] == [
        "pod-7-ingest",
        "pod-7-worker-1",
        "pod-7-worker-2",
        None,
    ]
    assert not any(part.env for part in parts_of(Settings(), ingests=1, workers=1, reader=False, collector=False))


def test_parts_can_be_left_out() -> None:
    assert parts_of(Settings(), ingests=0, workers=0, reader=False, collector=False) == []


def test_a_url_that_can_be_opened() -> None:
    assert [reachable(host) for host in ("127.0.0.1", "::", "::1")] == ["127.0.0.1", "localhost", "[::1]"]
