"""Options that say a number, what stands between columns, a time zone."""

import click
import pytest

from services.cli.option_types import Amount, Mark, Zone


@pytest.mark.parametrize("said", ["nan", "NaN", "inf", "-inf", "0", "-1", "much"])
def test_what_is_no_amount_is_a_wrong_option(said: str) -> None:
    with pytest.raises(click.BadParameter):
        Amount(0, min_open=True).convert(said, None, None)


def test_an_amount_is_a_number() -> None:
    assert Amount(0, min_open=True).convert("0.5", None, None) == 0.5


@pytest.mark.parametrize(("said", "mark"), [("\\t", "\t"), ("\t", "\t"), (";", ";"), ("::", "::")])
def test_a_tab_may_be_written_in_two_characters(said: str, mark: str) -> None:
    assert Mark().convert(said, None, None) == mark


def test_a_mark_is_something() -> None:
    with pytest.raises(click.BadParameter):
        Mark().convert("", None, None)


def test_a_time_zone_is_known_by_its_name() -> None:
    assert str(Zone().convert("Asia/Tokyo", None, None)) == "Asia/Tokyo"


@pytest.mark.parametrize("said", ["Tokyo", "", "../etc/passwd", "/etc/passwd", "Europe", "a\0b"])
def test_what_is_no_time_zone_is_a_wrong_option(said: str) -> None:
    with pytest.raises(click.BadParameter, match="is no time zone; one is Europe/Paris"):
        Zone().convert(said, None, None)
