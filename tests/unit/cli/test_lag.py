"""`headrace lag --watch` outlasts a broker that is away."""

from typing import Any

import pytest
from click.testing import CliRunner

from services.cli import lag
from services.cli.lag import follow
from shared.adapters.kafka_lag import Lag
from shared.contracts.errors import Unavailable

BEFORE, AFTER = ([Lag("g", "view", 0, end, end, 0, 0.0)] for end in (5, 9))


class EnoughError(Exception):
    """The test has seen what it wanted."""


def test_an_outage_is_said_and_over_when_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.cli.lag.time.sleep", lambda _: None)
    answers: list[list[Lag] | None] = [None, None, AFTER]
    told: list[tuple[list[Lag], str]] = []

    def read(_: int | None) -> list[Lag]:
        if not answers:
            raise EnoughError
        answer = answers.pop(0)
        if answer is None:
            raise Unavailable("no answer from Kafka")
        return answer

    with pytest.raises(EnoughError):
        follow(read, BEFORE, 1.0, lambda *heard: told.append(heard))
    away = (BEFORE, "no answer from Kafka")
    assert told == [(BEFORE, ""), away, away, (AFTER, "")]


def test_a_program_that_reads_lines_gets_none_that_is_out_of_date(capsys: pytest.CaptureFixture[str]) -> None:
    lag._tell_line(BEFORE, "no answer from Kafka")
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "headrace: no answer from Kafka; still watching\n")


def test_who_reads_it_from_a_pipe_gets_each_look(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Once:
        def read(self, _: int | None) -> list[Lag]:
            assert "5" in capsys.readouterr().out
            raise EnoughError

    monkeypatch.setattr("services.cli.lag.time.sleep", lambda _: None)
    reader: Any = Once()
    with pytest.raises(EnoughError):
        lag._show(reader, BEFORE, 1.0)


@pytest.mark.parametrize("option", ["--json", "--watch"])
def test_to_wait_is_to_show_nothing(option: str) -> None:
    done = CliRunner().invoke(lag.lag, ["--wait", "1", option])
    assert done.exit_code == 2
    assert "--wait shows nothing" in done.output
