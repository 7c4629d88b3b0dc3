from pathlib import Path

import numpy as np
import pytest

from services.evaluate import live
from services.evaluate.event_log import NONE
from services.evaluate.live import Live
from services.evaluate.loading import Loaded, load
from services.evaluate.past import Past
from services.producers.layouts import Wanted
from services.producers.rejects import Rejects
from services.producers.replay import Options
from shared.contracts.errors import HeadraceError
from shared.contracts.settings import load_settings
from tests.unit.evaluate import logs
from tests.unit.producers.logs import write

LOG = """user,item,ts,type,value
u2,b,1483273829000,view,
u1,c,1483273829000,view,
u1,a,1483273829000,buy,3.5
u1,b,1483273827000,return,
u1,,1483273828000,view,
"""


def loaded(path: Path, rejects: Rejects | None = None, *, baskets: bool = False, upto: float = 1.0) -> Loaded:
    return load(Options([path]), load_settings(), rejects or Rejects(), baskets=baskets, upto=upto)


def test_equal_times_go_by_user_then_item_and_what_was_given_back_is_left_out(tmp_path: Path) -> None:
    rejects = Rejects()
    found = loaded(write(tmp_path, LOG, "log.csv"), rejects)
    log = found.log

    assert [(log.users[u], log.items[i]) for u, i in zip(log.user, log.item, strict=True)] == [
        ("u1", "a"),
        ("u1", "c"),
        ("u2", "b"),
    ]
    assert [log.kinds[k] for k in log.kind] == ["purchase", "view", "view"]
    assert log.value[0] == 3.5
    assert np.isnan(log.value[1])
    assert found.left_out == {"return": 1}
    assert rejects.count == 1


def test_numbers_say_nothing_of_when_an_item_comes() -> None:
    log = logs.lines("u z", "u m", "u a")
    assert log.items == ["a", "m", "z"]
    assert log.item.tolist() == [2, 1, 0]


def test_only_the_beginning_is_loaded_and_the_rest_leaves_no_trace(tmp_path: Path) -> None:
    events = "".join(f"u{n},i{n},{1483273827000 + n},view\n" for n in range(10))
    returns = "".join(f"u{n},i{n},{1483273827000 + n},return\n" for n in range(0, 10, 2))
    path = write(tmp_path, "user,item,ts,type\n" + events + returns)
    part = loaded(path, upto=0.6)
    assert len(part.log) == len(part.log.users) == len(part.log.items) == 6
    assert (part.left_out, loaded(path).left_out) == ({"return": 3}, {"return": 5})


AT_ONCE = [f"u{n % 3},i{n % 4},1483273827000,{kind}" for n in range(5) for kind in ("view", "cart", "purchase")]


@pytest.mark.parametrize("upto", [1.0, 0.6, 0.1])
def test_the_order_of_rows_of_one_time_makes_no_difference(tmp_path: Path, upto: float) -> None:
    logs_ = []
    for rows in (AT_ONCE, AT_ONCE[::-1], AT_ONCE[7:] + AT_ONCE[:7]):
        text = "\n".join(["user,item,ts,type", *rows, ""])
        logs_.append(loaded(write(tmp_path, text, "log.csv"), upto=upto).log)
    said = [
        [(log.users[u], log.items[i], log.kinds[k]) for u, i, k in zip(log.user, log.item, log.kind, strict=True)]
        for log in logs_
    ]
    assert said[0] == sorted(said[0])
    assert said[0] == said[1] == said[2]


def test_a_catalogue_file_is_known_ahead_with_items_that_nobody_saw(tmp_path: Path) -> None:
    items = write(tmp_path, "item_id,category\nb,toys|wood\nz,tools\n", "items.csv")
    log = load(Options([write(tmp_path, LOG, "log.csv")], items), load_settings(), Rejects()).log
    assert log.items == ["a", "b", "c", "z"]
    assert {log.items[n]: r.categories for n, r in log.catalogue.items()} == {"b": ["toys", "wood"], "z": ["tools"]}
    assert log.catalogue_ahead


CATALOGUE = """{"item_id":"a","embedding":[1,0],"near":["z"]}
{"item_id":"b","embedding":[0,1]}
{"item_id":"y","embedding":[0,1]}
{"item_id":"z","embedding":[1,0]}
"""


def ranked(tmp_path: Path) -> list[str]:
    """For who has seen a alone, of what nobody has."""
    items = write(tmp_path, CATALOGUE, "items.jsonl")
    events = write(tmp_path, "user,item,ts,type\nu,a,1483273829000,view\n", "log.csv")
    past = Past(load(Options([events], items), load_settings(), Rejects()).log)
    production = Live(past.log, load_settings())
    production.learn(0)
    production.settle()
    return [past.log.items[n] for n in production.ranked(0, int(past.log.ts[0]), 10).tolist()]


def test_what_a_catalogue_names_as_near_is_shown_as_in_production(tmp_path: Path) -> None:
    assert ranked(tmp_path)[0] == "z"


def test_a_catalogue_that_is_too_long_for_a_frame_takes_several(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = ranked(tmp_path)
    monkeypatch.setattr(live, "LARGEST_CATALOGUE", 1)
    assert ranked(tmp_path) == whole


def test_rows_that_describe_their_items_are_a_catalogue_that_is_not_known_ahead(tmp_path: Path) -> None:
    text = "user,item,ts,category\nu,a,1483273827000,toys\nu,b,1483273828000,tools\n"
    log = loaded(write(tmp_path, text, "log.csv")).log
    assert [log.catalogue[n].categories for n in range(2)] == [["toys"], ["tools"]]
    assert not log.catalogue_ahead


DESCRIBED = """user,item,ts,type,category
u,a,1483273829000,view,new
v,a,1483273828000,view,middle
w,a,1483273827000,view,old
u,b,1483273827000,return,given|back
v,b,1483273828000,view,later
"""


@pytest.mark.parametrize("cuts", [[0], [0, 2], [0, 1, 4]])
def test_an_item_is_what_its_first_row_in_time_says_in_whatever_file_and_of_whatever_type(
    tmp_path: Path, cuts: list[int]
) -> None:
    head, *rows = DESCRIBED.splitlines()
    parts = [rows[begin:end] for begin, end in zip(cuts, [*cuts[1:], len(rows)], strict=True)]
    files = [write(tmp_path, "\n".join([head, *part, ""]), f"{n}.csv") for n, part in enumerate(parts)]
    log = load(Options(files), load_settings(), Rejects(), upto=0.8).log
    assert {log.items[n]: r.categories for n, r in log.catalogue.items()} == {"a": ["old"], "b": ["given", "back"]}


def test_what_rows_of_one_time_say_of_an_item_does_not_go_by_their_order(tmp_path: Path) -> None:
    rows = [f"u{n},i,1483273827000,{title}" for n, title in enumerate(["lamp", "", "desk", "tea"])]
    for order in (rows, rows[::-1]):
        log = loaded(write(tmp_path, "\n".join(["user,item,ts,title", *order, "u,i,1483273827001,a"]), "log.csv")).log
        assert [record.title for record in log.catalogue.values()] == ["desk"]


def test_a_basket_happens_as_a_whole_when_its_last_event_does() -> None:
    records = [
        logs.record("u", "b", 0, basket="1"),
        logs.record("v", "a", 1),
        logs.record("u", "a", 2, basket="1"),
        logs.record("u", "c", 2, basket="0"),
        logs.record("v", "c", 3, basket="1"),
    ]
    log = logs.of(records, baskets=True)
    minutes = (log.ts - logs.BEGIN) // logs.MINUTE
    assert [f"{log.users[u]} {log.items[i]} {m}" for u, i, m in zip(log.user, log.item, minutes, strict=True)] == [
        "v a 1",
        "u c 2",
        "u a 2",
        "u b 2",
        "v c 3",
    ]
    assert log.basket.tolist() == [NONE, 0, 1, 1, 1]


def test_sessions_and_contexts_are_numbered() -> None:
    log = logs.of(
        [
            logs.record("u", "a", 0, session="s", context={"b": 1, "a": "x"}),
            logs.record("u", "a", 1, session="t"),
            logs.record("u", "a", 2, context={"a": "x", "b": 1}),
        ]
    )
    assert log.session.tolist() == [0, 1, NONE]
    assert log.context.tolist() == [0, NONE, 0]
    assert log.contexts == [b'{"a":"x","b":1}']


@pytest.mark.parametrize("text", ["user,item,ts\nu,i,soon\n", "user,item,ts\n"])
def test_nothing_to_evaluate_is_said(tmp_path: Path, text: str) -> None:
    options = Options([write(tmp_path, text)], wanted=Wanted({}, "view"))
    with pytest.raises(HeadraceError, match="no event"):
        load(options, load_settings(), Rejects())


def test_several_files_are_one_log_of_any_age(tmp_path: Path) -> None:
    one = write(tmp_path, "196\t242\t3\t881250949\n186\t302\t2\t891717742\n", "u1.data")
    two = write(tmp_path, "196\t243\t3\t881250950\n187\t302\t2\t871717742\n", "u2.data")
    log = load(Options([one, two]), load_settings(), Rejects()).log
    assert log.name == "u1.data+u2.data"
    assert [log.users[u] for u in log.user] == ["187", "196", "196", "186"]
