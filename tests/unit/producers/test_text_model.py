"""Vectors from texts: those that share words, or words that go together, point the same way."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from services.producers.files import UnreadableLog
from services.producers.item_rows import open_item_file
from services.producers.text_model import DIMENSIONS, text_vectors, tf_idf, words_of
from services.producers.text_vectors import vectors_from_text
from shared.contracts.catalogue import ItemRecord
from shared.contracts.errors import BadRecord
from tests.unit.producers.logs import SETTINGS, write


def cosines(texts: list[str], dimensions: int = 3) -> np.ndarray:
    vectors = text_vectors([text.split() for text in texts], dimensions)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    told: np.ndarray = unit @ unit.T
    return told


def test_words_are_of_all_that_is_said() -> None:
    record = ItemRecord(
        "i", title="Caf\u0065\u0301 Noir", description="a TIN, 2 kg", tags=["bio"], brand="X1", categories=["c d1"]
    )
    assert words_of(record) == ["caf\u00e9", "noir", "tin", "kg", "bio", "x1", "d1"]


def test_rows_are_of_length_1_rare_words_weigh_more_and_what_one_has_alone_nothing() -> None:
    weighed = tf_idf([["red", "fez"], ["red", "cap", "cap"], ["red", "fez", "only"], ["none"], []]).toarray()
    assert np.linalg.norm(weighed, axis=1) == pytest.approx([1, 1, 1, 0, 0])
    assert weighed[0, 1] > weighed[0, 0] > 0.0
    assert weighed.shape == (5, 2)


def test_words_that_go_together_bring_texts_together_that_share_none() -> None:
    together = ["red fez", "red hat", "fez hat", "old oar", "old boat", "oar boat"]
    told = cosines([*together, "fez", "hat", "boat"], 2)
    assert told[6, 7] > 0.9
    assert abs(told[6, 8]) < 0.1


def test_a_text_without_words_points_nowhere_and_no_words_make_no_vectors() -> None:
    assert not text_vectors([["a1"], ["b1"], []]).any()
    assert text_vectors([]).shape == (0, DIMENSIONS)
    assert not text_vectors([["a1", "b1"], ["a1", "b1"], ["c1"]])[2].any()


def test_they_come_out_the_same_and_with_the_same_sign() -> None:
    words = [f"w{n}" for n in range(30)]
    texts = [[words[a], words[b], words[(a * b) % 30]] for a, b in itertools.combinations(range(30), 2)]
    first = text_vectors(texts, 8)
    assert (text_vectors(texts, 8) == first).all()
    assert first.shape == (len(texts), 8)
    spread = np.linalg.norm(first, axis=0)
    assert (np.diff(spread[1:]) <= 1e-4).all()


def test_a_file_of_items_is_a_file_of_vectors_whose_bad_rows_keep_their_places(tmp_path: Path) -> None:
    path = write(tmp_path, "id,title,price\na,red fez,1\nb,red hat,much\nc,red fez,2\nd,red oar,3\n")
    found = vectors_from_text(path, open_item_file(path, SETTINGS, {}))
    bad: list[tuple[str, str, str | None]] = []

    def reject(where: str, why: BadRecord, key: str | None) -> None:
        bad.append((where, why.reason, key))

    vectors = {item: (where, vector) for where, item, vector in found.vectors(reject)}
    assert bad == [("3", "wrong-type", "b")]
    assert [(item, where) for item, (where, _) in vectors.items()] == [("a", "2"), ("c", "4"), ("d", "5")]
    assert (vectors["a"][1] == vectors["c"][1]).all()
    assert len(vectors["a"][1]) == found.dimensions == DIMENSIONS


def test_a_file_that_says_nothing_is_none(tmp_path: Path) -> None:
    path = write(tmp_path, "id,title\na,fez\nb,hat\n")
    with pytest.raises(UnreadableLog, match="no two items share a word"):
        vectors_from_text(path, open_item_file(path, SETTINGS, {}))
