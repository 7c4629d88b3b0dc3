"""A batch model's lists: a list a line, or a line per user, item and score."""

from pathlib import Path

import pytest

from services.producers.files import UnreadableLog
from services.producers.list_rows import open_lists
from shared.contracts.batch import BatchList, decode_batch_list
from shared.contracts.errors import BadRecord
from shared.contracts.identity import pseudonym
from shared.contracts.sections import IdentitySettings
from shared.contracts.settings import Settings
from tests.unit.producers.logs import SETTINGS, write

NOW = 1_700_000_000_000
Bad = list[tuple[str, str, str | None, str | None]]


def read(path: Path, settings: Settings = SETTINGS) -> tuple[list[BatchList], Bad]:
    """(records, bad rows as (line, reason, field, user))."""
    bad: Bad = []

    def reject(where: str, why: BadRecord, key: str | None) -> None:
        bad.append((where, why.reason, why.field, key))

    entries = list(open_lists(path, settings, {}, NOW).entries(reject))
    records = [decode_batch_list(raw, settings.events, settings.identity) for _, raw in entries]
    assert [key for key, _ in entries] == [record.user_id for record in records]
    return records, bad


ANN, BOB = BatchList("ann", ["y", "x"], [2.0, 1.0], NOW), BatchList("bob", ["z"], [0.5], NOW)


@pytest.mark.parametrize(
    "text",
    [
        '{"user_id":"ann","items":["x","y"],"scores":[1,2]}\n{"user_id":"bob","items":["z"],"scores":[0.5]}\n',
        "user,item,score\nann,x,1\nann,y,2\nbob,z,0.5\n",
        "ann\tx\t1\nann\ty\t2\nbob\tz\t.5\n",
    ],
)
def test_both_forms_are_the_same_lists(tmp_path: Path, text: str) -> None:
    assert read(write(tmp_path, text)) == ([ANN, BOB], [])


def test_without_scores_the_order_is_the_rank(tmp_path: Path) -> None:
    assert read(write(tmp_path, "user,item\nann,x\nann,y\n")) == ([BatchList("ann", ["x", "y"], [], NOW)], [])


def test_what_is_no_id_is_nobodys_and_no_item(tmp_path: Path) -> None:
    lines = [
        f'{{"user_id":{user},"item_id":{item}}}' for user, item in (("true", '"x"'), ('"b"', "true"), ('"c"', "[1]"))
    ]
    _, bad = read(write(tmp_path, "\n".join(lines)))

    assert bad == [
        ("1", "missing-field", "user_id", None),
        ("2", "missing-field", "item_id", "b"),
        ("3", "missing-field", "item_id", "c"),
    ]


def test_bad_ones_are_said_with_their_place(tmp_path: Path) -> None:
    text = (
        '{"user_id":"a","items":[]}\n{"items":["x"]}\n{"user_id":"c","items":["x","y"],"scores":[1]}\n'
        '{"user_id":"d","items":["x"],"scores":["much"]}\n{"user_id":"e","items":["x"]}\n'
    )
    records, bad = read(write(tmp_path, text))

    assert [record.user_id for record in records] == ["e"]
    assert bad == [
        ("1", "missing-field", "items", "a"),
        ("2", "missing-field", "user_id", None),
        ("3", "wrong-type", "scores", "c"),
        ("4", "wrong-type", "scores", "d"),
    ]


def test_a_users_rows_stand_together(tmp_path: Path) -> None:
    records, bad = read(write(tmp_path, "user,item,score\nann,x,1\nbob,z,1\nann,y,2\n"))

    assert [record.user_id for record in records] == ["ann", "bob"]
    assert bad == [("4", "wrong-type", "user_id", "ann")]


def test_with_a_secret_nobody_is_named(tmp_path: Path) -> None:
    secret = Settings.model_validate({"identity": {"user_secret": "s"}})
    ((record,), _) = read(write(tmp_path, "user,item,score\nann,x,1\n"), secret)

    assert record.user_id == pseudonym("ann", secret.identity) != "ann"


def test_other_files_are_said(tmp_path: Path) -> None:
    with pytest.raises(UnreadableLog, match="user_id with items"):
        open_lists(write(tmp_path, "a,b\nx,y\n"), SETTINGS, {}, NOW)


@pytest.mark.parametrize("secret", ["", "salt"])
def test_an_id_that_is_not_utf8_spoils_its_list_alone(tmp_path: Path, secret: str) -> None:
    settings = Settings(identity=IdentitySettings(user_secret=secret))
    records, bad = read(write(tmp_path, b"user,item\nann,caf\xe9\nb\xf6b,x\neve,y\n", "lists.csv"), settings)

    assert [record.items for record in records] == [["y"]]
    assert [(where, reason) for where, reason, *_ in bad] == [("2", "not-utf8"), ("3", "id-unprintable")]


def test_ids_that_were_written_as_floats_are_those_of_the_events(tmp_path: Path) -> None:
    records, bad = read(write(tmp_path, "user,item,score\n1.0,5.0,2\n1.0,6.0,1\n2.0,5.0,1\n"))

    assert [(record.user_id, record.items) for record in records] == [("1", ["5", "6"]), ("2", ["5"])]
    assert not bad
