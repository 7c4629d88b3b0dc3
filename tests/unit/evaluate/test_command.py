"""``headrace evaluate`` on a small log, from the file to the figures."""

import json
import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from services.cli.evaluate import evaluate
from services.evaluate.headrace import Headrace
from services.evaluate.ladder import rungs
from services.evaluate.live import live
from services.evaluate.methods import OWN
from services.evaluate.past import Past
from services.evaluate.protocol import Protocol
from shared.contracts.errors import HeadraceError
from shared.contracts.settings import load_settings
from shared.core.lists.reach import FAST, FULL
from tests.unit.evaluate.logs import lines
from tests.unit.producers.logs import write

PEERS = "popularity,decayed-popularity"
TIMES = {"learn_us", "recommend_us", "fit_s", "fits"}


def shop(tmp_path: Path) -> Path:
    """Four hundred views by forty users of thirty items, and a row that is none."""
    rng = np.random.default_rng(5)
    rows = [
        f"u{rng.integers(40)},i{int(rng.integers(30) ** 2 / 30)},{1700006400 + 600 * n},view,s{n // 5}"
        for n in range(400)
    ]
    return write(tmp_path, "\n".join(["user,item,ts,type,session", *rows, "u1,,1700006400,view,s", ""]), "shop.csv")


def run(*arguments: str | Path) -> str:
    result = CliRunner().invoke(evaluate, [*map(str, arguments), "--methods", PEERS], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_a_log_becomes_a_table_figures_and_a_report(tmp_path: Path) -> None:
    figures, page = tmp_path / "out.json", tmp_path / "out.html"
    said = run(shop(tmp_path), "--json", figures, "--html", page, "--no-tune", "--k", "5")
    found = json.loads(figures.read_bytes())

    assert list(found) == ["data", "protocol", "methods", "paired"]
    assert (
        found["data"] | {"events": 400, "sampled": 300, "bad_rows": {"missing-field": 1}, "upto": 1.0} == found["data"]
    )
    assert found["protocol"] | {"warmup": 0.25, "seed": 7, "repeats": False, "rest_of": "session"} == found["protocol"]
    assert list(found["methods"]) == PEERS.split(",")
    for method in found["methods"].values():
        assert {
            "hr@5",
            "hr@10",
            "hr@20",
            "mrr@20",
            "ndcg@10",
            "coverage@20",
            "intervals",
            "splits",
        } | TIMES <= method.keys()
        assert 0.3 < method["hr@20"] < 1
    for part in ("bad row shop.csv:402", "400 events, 40 users", "items new to the user", *PEERS.split(",")):
        assert part in said
    html = page.read_text()
    assert html.count("<svg") == 3
    assert not re.search(r"https?:|src=|@import|url\((?!#)", html)


def test_a_log_is_called_by_its_name_though_it_looks_like_markup(tmp_path: Path) -> None:
    log = shop(tmp_path).rename(tmp_path / "[bold]shop[red].csv")
    assert re.search(r"^\[bold\]shop\[red\].csv: [\d,]+ targets of 400 events", run(log, "--no-tune"), re.MULTILINE)


def test_one_column_holds_the_baskets(tmp_path: Path) -> None:
    options = ["--methods", PEERS, "--no-tune", "--basket", "session", "--basket-column"]
    log = str(shop(tmp_path))
    refused = CliRunner().invoke(evaluate, [log, *options, "type"])

    assert refused.exit_code == 2
    assert "'type' is another column" in refused.stderr
    assert CliRunner().invoke(evaluate, [log, *options, "session"]).exit_code == 0


@pytest.mark.parametrize("option", ["--json", "--html"])
def test_figures_are_shown_also_where_they_cannot_be_written(tmp_path: Path, option: str) -> None:
    result = CliRunner().invoke(evaluate, [str(shop(tmp_path)), "--methods", PEERS, "--no-tune", option, "/dev/full"])

    assert isinstance(result.exception, HeadraceError)
    assert str(result.exception) == "/dev/full cannot be written: No space left on device"
    assert "decayed-popularity" in result.stdout


def test_the_same_seed_writes_the_same_bytes_whatever_the_hash_seed(tmp_path: Path) -> None:
    log, written = shop(tmp_path), []
    for seed in ("1", "2"):
        out = tmp_path / f"{seed}.json"
        command = ["-m", "services.cli", "evaluate", log, "--json", out, "--no-times", "--methods", "default"]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, *map(str, command)], check=True, capture_output=True, env=environment)
        written.append(out.read_bytes())
    assert written[0] == written[1]
    assert not TIMES & json.loads(written[0])["methods"]["popularity"].keys()


def test_the_sample_has_a_seed_of_its_own_which_decides_nothing_where_all_are_asked(tmp_path: Path) -> None:
    log, out = shop(tmp_path), tmp_path / "out.json"

    def rates(sample: str, *seeds: str) -> list[float]:
        command = [log, "--json", out, "--methods", "headrace,popularity,isgd", "--no-tune", "--sample", sample, *seeds]
        assert CliRunner().invoke(evaluate, list(map(str, command)), catch_exceptions=False).exit_code == 0
        methods = json.loads(out.read_bytes())["methods"]
        return [methods[name]["ndcg@20"] for name in ("headrace", "popularity", "isgd")]

    assert rates("1000", "--sample-seed", "1") == rates("1000", "--sample-seed", "2")
    first, other_sample, other = rates("100"), rates("100", "--sample-seed", "1"), rates("100", "--seed", "1")
    assert first[0] != other_sample[0]
    assert first[:2] == other[:2]
    assert first[2] != other[2]  # which draws


def test_baskets_are_hidden_and_repeats_may_count(tmp_path: Path) -> None:
    figures = tmp_path / "out.json"
    said = run(shop(tmp_path), "--json", figures, "--basket", "session", "--repeats", "--no-tune", "--no-times")
    found = json.loads(figures.read_bytes())["protocol"]
    assert found | {"baskets": True, "repeats": True, "rest_of": "basket"} == found
    assert "nothing of a basket is visible" in said


def test_where_repeats_count_headrace_lists_what_a_user_takes_again(tmp_path: Path) -> None:
    """Each of ten users goes round three items that nobody else takes."""
    rows = [f"u{n % 10},i{n % 10}-{n // 10 % 3},{1700006400 + 600 * n},purchase" for n in range(150)]
    log = write(tmp_path, "\n".join(["user,item,ts,type", *rows, ""]), "rounds.csv")
    figures = tmp_path / "out.json"
    command = [str(log), "--json", str(figures), "--methods", "headrace,headrace-get", "--warmup", "0.4", "--repeats"]
    assert CliRunner().invoke(evaluate, command, catch_exceptions=False).exit_code == 0
    methods = json.loads(figures.read_bytes())["methods"]
    assert {name: method["hr@10"] for name, method in methods.items()} == {"headrace": 1.0, "headrace-get": 1.0}


def test_fast_lists_are_tried_beside_full_ones_in_one_run(tmp_path: Path) -> None:
    figures = tmp_path / "out.json"
    command = [str(shop(tmp_path)), "--json", str(figures), "--methods", "headrace,headrace-fast"]
    assert CliRunner().invoke(evaluate, command, catch_exceptions=False).exit_code == 0
    found = json.loads(figures.read_bytes())
    assert list(found["methods"]) == ["headrace", "headrace-fast"]
    assert found["paired"]["differences"].keys() == {"headrace-fast"}


def test_they_have_a_way_and_a_learner_of_their_own() -> None:
    past = Past(lines("u a", "u b"))
    full, get, fast = (
        OWN[name](past, load_settings(), Protocol()) for name in ("headrace", "headrace-get", "headrace-fast")
    )
    assert isinstance(full, Headrace)
    assert isinstance(get, Headrace)
    assert isinstance(fast, Headrace)
    assert full._production is get._production is not fast._production
    assert [method._production.pipeline._maker._reach for method in (full, fast)] == [FULL, FAST]


def test_a_ladder_says_what_each_source_adds_and_what_lists_cost_then(tmp_path: Path) -> None:
    figures, page = tmp_path / "out.json", tmp_path / "out.html"
    command = [str(shop(tmp_path)), "--ladder", "--repeats", "--methods", "headrace", "--json", str(figures)]
    assert CliRunner().invoke(evaluate, [*command, "--html", str(page)], catch_exceptions=False).exit_code == 0
    found = json.loads(figures.read_bytes())
    rungs, methods = found["ladder"], found["methods"]
    assert [rung["adds"] for rung in rungs] == ["popularity", "together", "next", "quick", "again", "taste"]
    assert [rung["hr@20"] for rung in rungs] == [methods[rung["method"]]["hr@20"] for rung in rungs]
    assert "gain" not in rungs[0]
    for lower, rung in pairwise(rungs):
        assert rung["gain"][0] == pytest.approx(rung["hr@20"] - lower["hr@20"], abs=2e-6)
    assert rungs[-1]["hr@20"] == methods["headrace"]["hr@20"]  # all that there is, without a catalogue
    assert page.read_text().count("<svg") == 4


def test_likeness_is_a_rung_where_there_is_a_catalogue() -> None:
    log = lines("u a", "u b", categories={"a": ["c"]})
    assert list(rungs(log, repeats=False))[-2:] == ["ladder-alike", "ladder-taste"]
    assert rungs(log, repeats=True)["ladder-taste"] == FULL


def test_a_model_that_is_behind_knows_nothing_of_late_but_the_users_own() -> None:
    """Minute after minute others take a, b, then u takes c."""
    past = Past(lines("v a", "w b", "u c"))
    for behind, known in ((0, {"a", "b"}), (60, {"a", "b"}), (90, {"a"}), (200, set())):
        production = live(past, load_settings(), FULL, behind)
        for event in range(3):
            production.learn(event)
        production.settle()
        made = production.ranked(past.log.users.index("u"), int(past.log.ts[2]), 10)
        assert {past.log.items[item] for item in made.tolist()} == known


def test_how_far_the_model_is_behind_is_said(tmp_path: Path) -> None:
    figures = tmp_path / "out.json"
    assert "30 s behind" in run(shop(tmp_path), "--behind", "30", "--json", figures, "--no-tune")
    assert json.loads(figures.read_bytes())["protocol"]["behind"] == 30


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["--methods", "oracle"], "no method 'oracle'"), (["--upto", "0.001"], "no event"), (["--basket", "bag"], "bag")],
)
def test_what_cannot_be_done_is_said(tmp_path: Path, arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(evaluate, [str(shop(tmp_path)), *arguments])
    assert isinstance(result.exception, HeadraceError)
    assert said in str(result.exception)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--json", "{}/none/out.json"], "/none is not a folder"),
        (["--html", "{}/none/out.html"], "/none is not a folder"),
        (["--json", "{}"], "is a directory"),
        (["--seed", "-1"], "'--seed': -1 is not in the range"),
        (["--sample-seed", "-1"], "'--sample-seed': -1 is not in the range"),
    ],
)
def test_what_cannot_be_written_or_drawn_is_a_wrong_option_before_anything_is_read(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    given = [argument.format(tmp_path) for argument in arguments]
    result = CliRunner().invoke(evaluate, [str(tmp_path / "no-log.csv"), *given])
    assert result.exit_code == 2
    assert said in " ".join(result.output.split())


def test_an_unknown_event_type_is_a_wrong_option(tmp_path: Path) -> None:
    assert CliRunner().invoke(evaluate, [str(shop(tmp_path)), "--map-type", "gaze=stare"]).exit_code == 2
