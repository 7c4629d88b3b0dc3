"""docs/contracts.md is checked against the code."""

import json
import re
from collections.abc import Sequence

import msgspec
import numpy as np
import pytest

from services.reader.answering.answer import Answer
from services.reader.answering.kinds import BOUGHT, MET
from services.reader.answering.reasons import TEXTS
from services.reader.answering.rows import MOST_ROWS
from services.reader.asked.asking import MOST_CONTEXT, MOST_OFFSET, MOST_SHOWN
from services.reader.asked.bodies import LARGEST, Feedback, Items, Page, Preferences, Several, Wishes
from services.reader.asked.parameters import DEFAULT_N
from services.reader.endpoints.posts import MOST_ITEMS, MOST_USERS
from services.reader.events.telling import MOST_WORDS
from shared.contracts.batch import decode_batch_list, encode_batch_list
from shared.contracts.catalogue import decode_item, decode_user
from shared.contracts.event_types import EventType, default_event_types
from shared.contracts.events import Event, decode_event, validate_event
from shared.contracts.impressions import Impression
from shared.contracts.reasons import REASONS
from shared.contracts.routing import partition_of
from shared.contracts.sections import EventSettings, IdentitySettings
from shared.contracts.settings import Settings
from shared.contracts.source_letters import CODES
from shared.contracts.views import ENCODER, LIST_DIGITS, ItemView, decode_item_view, decode_view, encode_view
from shared.core.kernel import Ints
from shared.core.lists.ranking import LETTERS, WHY
from shared.core.tables.interning import Interner
from shared.core.texts.encoded_ids import EncodedIds
from shared.core.texts.list_texts import Columns, head, list_texts
from tests.docs.blocks import blocks, tables, text

DOCUMENT = "contracts.md"
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
