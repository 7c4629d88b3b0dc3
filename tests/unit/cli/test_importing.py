"""``headrace import-…`` and ``profile`` as far as no broker is needed; how long ``lag --wait`` waits."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.cli import lag as lag_command
from services.cli.import_items import import_items
from services.cli.import_lists import import_lists
from services.cli.lag import wait_for_none
from services.cli.profile import profile
from shared.adapters.kafka_lag import Lag
from shared.contracts.errors import Unavailable

ITEMS = "id,title,price,extra\na,Lamp,1,x\nb,Desk,much,y\na,Lamp 2,2,x\n"


def test_a_dry_run_says_what_was_understood(tmp_path: Path) -> None:
    file, rejects = tmp_path / "items.csv", tmp_path / "rejects"
    file.write_text(ITEMS)
    result = CliRunner().invoke(import_items, [str(file), "--dry-run", "--rejects", str(rejects)])

    assert result.exit_code == 1, "a row was bad"
    assert [json.loads(line)["title"] for line in result.stdout.splitlines()] == ["Lamp", "Lamp 2"]
    for part in (
        "items.csv: CSV; item_id=id, title=title, price=price, attributes=extra",
        "bad row items.csv:3: wrong-type: price 'much' is not a number",
        "1 items, 1 rows come again: the last counts",
        "1 bad rows: 1 wrong-type",
        "nothing was sent; 2 would be",
    ):
        assert part in result.stderr
    assert rejects.read_text() == "items.csv\t3\twrong-type\tprice 'much' is not a number\n"
    assert CliRunner().invoke(import_items, [str(file), "--dry-run", "--allow-rejects"]).exit_code == 0


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        (ITEMS, ["--replace"], "1 bad rows and --replace: nothing was sent"),
        ("id,price\na,much\n", [], "no items in items.csv: every row is bad"),
    ],
)
def test_nothing_is_sent_of_what_would_do_harm(tmp_path: Path, text: str, options: list[str], said: str) -> None:
    (tmp_path / "items.csv").write_text(text)
    env = {"HEADRACE_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}
    result = CliRunner().invoke(import_items, [str(tmp_path / "items.csv"), *options], env=env)

    assert result.exit_code == 1
    assert said in str(result.exception)


@pytest.mark.parametrize("pair", ["color=x", "title", "title="])
def test_a_field_that_is_none_is_a_wrong_option(tmp_path: Path, pair: str) -> None:
    (tmp_path / "items.csv").write_text(ITEMS)
    result = CliRunner().invoke(import_items, [str(tmp_path / "items.csv"), "--dry-run", "--column", pair])
    assert result.exit_code == 2
    assert "FIELD is one of item_id, title" in result.stderr


def test_lists_are_shown_as_they_would_be_sent(tmp_path: Path) -> None:
    (tmp_path / "lists").write_text('{"who":"ann","items":["x","y"]}\n')
    options = [str(tmp_path / "lists"), "--dry-run", "--column", "user_id=who"]
    result = CliRunner().invoke(import_lists, options)

    assert result.exit_code == 0, result.stderr
    shown = json.loads(result.stdout)
    assert (shown["user_id"], shown["items"]) == ("ann", ["x", "y"])
    assert shown["ts"] > 1_700_000_000_000


def test_a_profile_is_a_table_or_a_document(tmp_path: Path) -> None:
    log, items = tmp_path / "log.csv", tmp_path / "items.csv"
    log.write_text(
        "ts,user,item,event\n1704067200000,u,a,view\n1704067200000,u,c,gaze\n1704067300000,v,a,buy\n,u,a,view\n"
    )
    items.write_text(ITEMS)
    options = [str(log), "--items", str(items)]
    table = CliRunner().invoke(profile, options)
    document = json.loads(CliRunner().invoke(profile, [*options, "--json"]).stdout)

    for part in ("2024-01-01", "1 view, 1 purchase", "'gaze' is no event type", "price 'much' is not a number"):
        assert part in table.stdout
    assert f"  headrace import-items {items}\n" in table.stdout, "a line of its own, to be copied"
    assert (document["events"], document["rejected"]["rows"]) == (2, 2)
    assert document["rejected"]["unknown_types"] == {"gaze": 1}
    assert document["catalogue"]["known_share"] == 1.0
    assert document["commands"][1].endswith("--map-type gaze=TYPE --event-ids --no-derive-items")


def test_the_zone_of_a_profile_is_that_of_the_commands_that_it_names(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("ts,user,item\n2024-01-01 00:30:00,u,a\n")
    options = [str(tmp_path / "log.csv"), "--timezone", "Europe/Paris", "--json"]
    document = json.loads(CliRunner().invoke(profile, options, catch_exceptions=False).stdout)
    assert document["first_ts"] == 1_704_067_200_000 - 1_800_000
    assert "--timezone Europe/Paris" in document["commands"][0]


def test_a_profile_of_no_events_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("ts,user,item\nsoon,u,i\n")
    result = CliRunner().invoke(profile, [str(tmp_path / "log")])
    assert "no event in these files: every row is bad" in str(result.exception)


class Lags:
    """What is behind, look by look; an error where the broker does not answer."""

    def __init__(self, *behind: int | None) -> None:
        self.behind = list(behind)

    def read(self, _now: int | None) -> list[Lag]:
        behind = self.behind.pop(0) if len(self.behind) > 1 else self.behind[0]
        if behind is None:
            raise Unavailable("the coordinator is loading")
        return [Lag("g", "t", 0, 0, behind, behind, None)]


def test_lag_is_waited_for_until_nothing_was_behind_twice_in_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lag_command, "LOOK_S", 0)
    lags = Lags(None, 3, 0, 1, 0, 0, 7)
    wait_for_none(lags.read, 60)
    assert lags.behind == [7]


@pytest.mark.parametrize(("behind", "said"), [(3, "3 records wait"), (None, "the coordinator is loading")])
def test_waiting_has_an_end(monkeypatch: pytest.MonkeyPatch, behind: int | None, said: str) -> None:
    monkeypatch.setattr(lag_command, "LOOK_S", 0)
    with pytest.raises(Unavailable, match=f"still after 0 s: {said}"):
        wait_for_none(Lags(behind).read, 0)
