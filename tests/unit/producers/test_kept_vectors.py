"""Records that come again keep the vectors that the topic's had, unless the file says others."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from services.producers.item_rows import open_item_file
from services.producers.kept_vectors import KeptVectors, fields_to_keep, vectors_of
from shared.contracts.settings import Settings
from tests.unit.producers.logs import SETTINGS, write

LAMP = b'{"item_id":"lamp","title":"Old","embedding":[0.1,2],"near":["desk"],"price":3}'


def imported(
    folder: Path, text: str, name: str = "items.csv", settings: Settings = SETTINGS
) -> tuple[dict[str, Any], list[str]]:
    """Records by item, and what was told, of a file where the topic has the lamp."""
    file, told = open_item_file(write(folder, text, name), settings, {}), list[str]()
    kept = KeptVectors(file, {"lamp": vectors_of(LAMP)}, fields_to_keep(file.columns), told.append)
    entries = kept.entries(lambda where, _why, _key: told.append(f"bad: {where}"))
    return {item: json.loads(record) for item, record in entries}, told


def test_what_a_file_says_nothing_of_stays_and_all_else_is_the_file_s(tmp_path: Path) -> None:
    found, told = imported(tmp_path, "id,title\nlamp,Lamp\nrug,Rug\n")
    assert found["lamp"] == {"item_id": "lamp", "title": "Lamp", "embedding": [0.1, 2.0], "near": ["desk"]}
    assert found["rug"] == {"item_id": "rug", "title": "Rug"}
    assert not told


@pytest.mark.parametrize(
    ("text", "vectors"),
    [
        ("id,near\nlamp,\n", {"embedding": [0.1, 2.0]}),
        ("id,near\nlamp,rug\n", {"embedding": [0.1, 2.0], "near": ["rug"]}),
        ("id,embedding\nlamp,1 1\n", {"embedding": [1.0, 1.0]}),
        ("id,embedding\nlamp,\n", {}),
    ],
)
def test_a_column_of_a_file_counts_empty_cells_too(tmp_path: Path, text: str, vectors: dict[str, Any]) -> None:
    """What was near by other embeddings than the file's is no longer."""
    assert imported(tmp_path, text)[0]["lamp"] == {"item_id": "lamp", **vectors}


def test_an_object_with_a_vector_has_its_own(tmp_path: Path) -> None:
    text = '{"item_id":"rug"}\n' * 2000 + '{"item_id":"lamp","embedding":[5]}\n'
    assert imported(tmp_path, text, "items.jsonl")[0]["lamp"] == {"item_id": "lamp", "embedding": [5.0]}


def test_what_ingest_would_not_take_with_its_vector_goes_without(tmp_path: Path) -> None:
    small = SETTINGS.model_copy(update={"events": SETTINGS.events.model_copy(update={"max_record_bytes": 1024})})
    text = f"id,description\nrug,short\nlamp,{'x' * 960}\n"
    found, told = imported(tmp_path, text, settings=small)
    assert set(found) == {"rug", "lamp"}
    assert "embedding" not in found["lamp"]
    assert told == ["1 items would be too large with their vectors: sent without"]


NO_TEXT, DEEP = b'{"near":["\xff"]}', b'{"more":' + b"[" * 100_000


@pytest.mark.parametrize(
    "record", [b"", b"{", b"[]", b'{"embedding":"x"}', b'{"item_id":"a","near":[]}', NO_TEXT, DEEP]
)
def test_a_record_without_vectors_has_none_to_keep(record: bytes) -> None:
    assert vectors_of(record) == b""


def test_what_is_held_of_a_vector_has_nine_bytes_a_number() -> None:
    """Those of a whole catalogue are held; as JSON each has twenty."""
    embedding = [math.sin(n) for n in range(384)]
    held = vectors_of(json.dumps({"item_id": "lamp", "title": "Lamp", "embedding": embedding}).encode())
    assert len(held) < 9 * len(embedding) + 32
