"""``headrace replay`` and ``simulate`` as far as no broker is needed."""

from collections import Counter
from pathlib import Path

import pytest
from click import BadParameter, Command
from click.testing import CliRunner

from services.cli.evaluate import evaluate
from services.cli.import_embeddings import import_embeddings
from services.cli.import_items import import_items
from services.cli.import_lists import import_lists
from services.cli.profile import profile
from services.cli.record import record
from services.cli.replay import replay
from services.cli.simulate import parse_duration, simulate, start_of
from services.producers import publishing
from services.producers.simulator.parameters import DAY_MS
from shared.contracts.errors import HeadraceError
from tests.unit.producers.logs import write

LOG = "user,item,ts,type\nu,b,1483273829000,view\nu,a,1483273827000,buy\nu,,1483273828000,view\n"
UNREACHABLE = {"HEADRACE_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}


def test_a_dry_run_says_what_was_understood_and_shows_events(tmp_path: Path) -> None:
    result = CliRunner().invoke(replay, [str(write(tmp_path, LOG, "log.csv")), "--dry-run"])

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        'purchase\t{"ts":1483273827000,"user_id":"u","item_id":"a"}',
        'view\t{"ts":1483273829000,"user_id":"u","item_id":"b"}',
    ]
    for part in (
        "log.csv: CSV; ts=ts, user=user, item=item, type=type, times are milliseconds since 1970",
        "bad row log.csv:4: missing-field: item_id is not given",
        "2 events from 2017-01-01 12:30:27 to 2017-01-01 12:30:29, not in the order of time: sorted",
        "1 bad rows: 1 missing-field",
        "1 purchase, 1 view",
    ):
        assert part in result.stderr


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        (LOG, ["--strict"], "1 bad rows, and --strict: nothing was published"),
        ("user,item,ts\nu,i,soon\n", [], "every row is bad"),
        ("user,item,ts\n", [], "no event in these files"),
    ],
)
def test_bad_rows_can_stop_it(tmp_path: Path, text: str, options: list[str], said: str) -> None:
    result = CliRunner().invoke(replay, [str(write(tmp_path, text)), *options], env=UNREACHABLE)

    assert result.exit_code == 1
    assert said in str(result.exception)


def test_a_full_disk_is_said_before_anything_is_sent(tmp_path: Path) -> None:
    log = write(tmp_path, "user,item,ts\nu,,1483273827000\nu,i,1483273827000\n")
    result = CliRunner().invoke(replay, [str(log), "--rejects", "/dev/full"], env=UNREACHABLE)

    assert isinstance(result.exception, HeadraceError)
    assert str(result.exception) == "/dev/full cannot be written: No space left on device"


def test_every_bad_row_is_written_down_when_asked(tmp_path: Path) -> None:
    text = "user,item,ts\n" + "u,,1483273827000\n" * 50 + "u,i,1483273827000\n"
    rejects = tmp_path / "rejects"
    result = CliRunner().invoke(replay, [str(write(tmp_path, text)), "--dry-run", "--rejects", str(rejects)])

    assert result.stderr.count("bad row log:") == 20
    assert len(rejects.read_text().splitlines()) == 50
    assert rejects.read_text().splitlines()[-1] == "log\t51\tmissing-field\titem_id is not given"


@pytest.mark.parametrize("options", [["--type", "gaze"], ["--map-type", "gaze=stare"], ["--map-type", "gaze"]])
def test_an_unknown_event_type_is_a_wrong_option(tmp_path: Path, options: list[str]) -> None:
    assert CliRunner().invoke(replay, [str(write(tmp_path, LOG)), "--dry-run", *options]).exit_code == 2


@pytest.mark.parametrize(("text", "ms"), [("90s", 90_000), ("1.5h", 5_400_000), ("7d", 604_800_000)])
def test_durations(text: str, ms: int) -> None:
    assert parse_duration(text) == ms


@pytest.mark.parametrize("text", ["7", "d", "0s", "-1d", "7w", "9" * 400 + "d"])
def test_what_is_no_duration(text: str) -> None:
    assert CliRunner().invoke(simulate, ["--duration", text], env=UNREACHABLE).exit_code == 2


def test_a_storefront_of_before_the_earliest_event_is_refused() -> None:
    result = CliRunner().invoke(simulate, ["--duration", "99999999d"], env=UNREACHABLE)

    assert result.exit_code == 2
    assert "begins before HEADRACE_EVENTS_MIN_TS_MS, the earliest time of an event: at most " in result.stderr
    assert start_of(10 * DAY_MS, 0, 7 * DAY_MS, 3 * DAY_MS) == 3 * DAY_MS
    with pytest.raises(BadParameter, match="at most 9d"):
        start_of(10 * DAY_MS, 2 * DAY_MS, 10 * DAY_MS, 3 * DAY_MS)


class Takes:
    """A publisher that has sent all at once."""

    def __init__(self) -> None:
        self.sent, self.undelivered = Counter({"view": 1}), Counter[str]()

    def send_all(self, *_: object) -> int:
        return 1

    def flush(self) -> None: ...


@pytest.mark.parametrize(
    ("pace", "said"),
    [
        ([], "100 events of 1.5h follow, sent as fast as it goes"),
        (["--speed", "1x"], "100 events of 1.5h follow, sending them takes 1.5h"),
        (["--speed", "0.01x"], "100 events of 1.5h follow, sending them takes 6.2d"),
        (["--rate", "1"], "100 events of 1.5h follow, sending them takes 1.6m"),
    ],
)
def test_a_simulation_says_how_long_it_takes(pace: list[str], said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "connect", lambda _: Takes())
    result = CliRunner().invoke(simulate, ["--items", "24", "--events", "100", "--duration", "90m", *pace])
    assert result.exit_code == 0, result.output
    assert f"published 24 items; {said}" in result.stderr


@pytest.mark.parametrize(("command", "arguments"), [(replay, ["LOG"]), (simulate, [])])
def test_no_more_than_a_thousand_seconds_lie_between_events(command: Command, arguments: list[str]) -> None:
    result = CliRunner().invoke(command, [*arguments, "--rate", "1e-320"], env=UNREACHABLE)

    assert result.exit_code == 2
    assert "0.001" in result.stderr


def test_a_log_from_before_2000_is_read_where_it_is_moved_to_now(tmp_path: Path) -> None:
    path = str(write(tmp_path, "196\t242\t3\t881250949\n186\t302\t2\t891717742\n", "u.data"))

    kept = CliRunner().invoke(replay, [path, "--dry-run"])
    moved = CliRunner().invoke(replay, [path, "--dry-run", "--event-time", "shifted"])

    assert "--event-time shifted moves a log to now" in str(kept.exception)
    assert len(moved.stdout.splitlines()) == 2


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        (replay, ["LOG", "--rejects"]),
        (import_items, ["LOG", "--rejects"]),
        (simulate, ["--truth"]),
        (evaluate, ["LOG", "--json"]),
        (evaluate, ["LOG", "--html"]),
        (record, []),
    ],
)
@pytest.mark.parametrize("place", [".", "nowhere/file"])
def test_a_file_that_cannot_be_written_is_said_before_anything_is_done(
    tmp_path: Path, command: Command, arguments: list[str], place: str
) -> None:
    named = [str(tmp_path / part) if part == "LOG" else part for part in arguments]
    result = CliRunner().invoke(command, [*named, str(tmp_path / place)], env=UNREACHABLE)

    assert result.exit_code == 2
    assert "nowhere is not a folder" in result.stderr or "is a directory" in result.stderr


@pytest.mark.parametrize(
    ("command", "arguments", "said"),
    [
        (replay, ["LOG", "--rejects", "LOG"], "'--rejects' and 'FILES...' are one file"),
        (replay, ["LOG", "--rejects", "LINK"], "'--rejects' and 'FILES...' are one file"),
        (replay, ["OTHER", "--items", "LOG", "--rejects", "LOG"], "'--items' and '--rejects' are one file"),
        (import_items, ["LOG", "--rejects", "LOG"], "'--rejects' and 'FILE' are one file"),
        (import_lists, ["LOG", "--rejects", "LOG"], "'--rejects' and 'FILE' are one file"),
        (import_embeddings, ["LOG", "--rejects", "LOG"], "'--rejects' and 'FILE' are one file"),
        (evaluate, ["LOG", "--html", "LOG"], "'--html' and '[FILES]...' are one file"),
        (evaluate, ["LOG", "--json", "NEW", "--html", "NEW"], "'--html' and '--json' are one file"),
        (evaluate, ["--frames", "LOG", "--json", "LOG"], "'--frames' and '--json' are one file"),
    ],
)
def test_a_file_that_is_read_or_written_already_is_not_written_over(
    tmp_path: Path, command: Command, arguments: list[str], said: str
) -> None:
    log = write(tmp_path, LOG)
    (tmp_path / "OTHER").write_text(LOG)
    (tmp_path / "LINK").symlink_to(log)
    named = {"LOG": log, "OTHER": tmp_path / "OTHER", "LINK": tmp_path / "LINK", "NEW": tmp_path / "new"}
    result = CliRunner().invoke(command, [str(named.get(part, part)) for part in arguments], env=UNREACHABLE)

    assert result.exit_code == 2
    assert said in result.stderr
    assert log.read_text() == LOG
    assert not (tmp_path / "new").exists()


def test_two_files_may_both_be_thrown_away(tmp_path: Path) -> None:
    options = ["--dry-run", "--items", "/dev/null", "--rejects", "/dev/null"]
    assert CliRunner().invoke(replay, [str(write(tmp_path, LOG)), *options]).exit_code != 2


def test_a_log_of_which_every_row_is_bad_is_told_why(tmp_path: Path) -> None:
    log = write(tmp_path, "user,item,ts,event_name\nu,i,1483273827000,Ansicht\nu,i,soon,view\n", "log.csv")
    result = CliRunner().invoke(profile, [str(log)])

    assert "1 unknown-type, the first: log.csv:2: 'Ansicht' is no event type" in str(result.exception)
    assert "1 wrong-type, the first: log.csv:3: ts 'soon' is not" in str(result.exception)
    assert "--map-type says what a word of the type column means: Ansicht=TYPE" in str(result.exception)


def test_all_columns_that_are_missing_are_asked_for_at_once(tmp_path: Path) -> None:
    result = CliRunner().invoke(profile, [str(write(tmp_path, "Kunde;Ware;Zeit\nu;i;1483273827000\n"))])

    assert "the user, which the item, which the time" in str(result.exception)
    assert "--user-column NAME, --item-column NAME, --ts-column NAME" in str(result.exception)


@pytest.mark.parametrize("command", [profile, replay, evaluate])
def test_columns_of_a_catalogue_are_said_where_one_is_given(tmp_path: Path, command: Command) -> None:
    log, items = write(tmp_path, LOG, "log.csv"), write(tmp_path, "Nr;Name\na;Lampe\n", "items.csv")
    lost = CliRunner().invoke(command, [str(log), "--items", str(items)], env=UNREACHABLE)
    alone = CliRunner().invoke(command, [str(log), "--column", "item_id=Nr"], env=UNREACHABLE)

    assert "--column item_id=NAME says it" in str(lost.exception)
    assert (alone.exit_code, "which is not given" in alone.stderr) == (2, True)


def test_the_profile_reads_a_catalogue_by_the_columns_that_are_said(tmp_path: Path) -> None:
    log, items = write(tmp_path, LOG, "log.csv"), write(tmp_path, "Nr;Name\na;Lampe\n", "items.csv")
    result = CliRunner().invoke(profile, [str(log), "--items", str(items), "--column", "item_id=Nr"])

    assert "1 are known, 50.0%" in result.stdout
    assert f"headrace import-items {items} --column item_id=Nr" in result.stdout
