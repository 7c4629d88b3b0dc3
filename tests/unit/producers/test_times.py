from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from services.producers.times import RELATIVE_ORIGIN_MS, detect_time
from shared.contracts.errors import BadRecord

MOMENT = 1_569_888_000_123


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1569888000", MOMENT - 123),
        ("1569888000.123", MOMENT),
        (1569888000.123, MOMENT),
        ("1569888000123", MOMENT),
        ("1569888000123.0", MOMENT),
        ("1569888000123456", MOMENT),
        ("1569888000123456789", MOMENT),
        ("2019-10-01T00:00:00.123Z", MOMENT),
        ("2019-10-01 00:00:00.123", MOMENT),
        ("2019-10-01 00:00:00.123 UTC", MOMENT),
        ("2019-10-01T02:00:00.123+02:00", MOMENT),
        ("2019-10-01", MOMENT - 123),
        ("20191001", MOMENT - 123),
        ("10/1/2019 12:00:00 AM", MOMENT - 123),
        ("01.10.2019", MOMENT - 123),
        ("2019/10/01 00:00", MOMENT - 123),
        (date(2019, 10, 1), MOMENT - 123),
        (datetime(2019, 10, 1, 0, 0, 0, 123_000, tzinfo=UTC), MOMENT),
    ],
)
def test_one_moment_in_many_notations(value: object, expected: int) -> None:
    assert detect_time([value]).parse(value) == expected


def test_a_first_number_above_twelve_is_a_day() -> None:
    time = detect_time(["1/10/2019 0:00", "13/10/2019 0:00"])

    assert time.name == "day/month/year"
    assert time.parse("1/10/2019 0:00") == MOMENT - 123


def test_small_numbers_count_from_the_start_of_the_log() -> None:
    assert detect_time(["0", "60"]).parse("60") == RELATIVE_ORIGIN_MS + 60_000
    assert detect_time(["1", "711"], "d").parse("2") == RELATIVE_ORIGIN_MS + 2 * 86_400_000


@pytest.mark.parametrize("sample", ["1569888000", "1569888000123", "2019-10-01", "10/1/2019 0:00"])
@pytest.mark.parametrize("value", ["", None, "soon", "99/99/2019 0:00", [1], True])
def test_what_is_no_time_is_a_bad_record(sample: str, value: object) -> None:
    with pytest.raises(BadRecord) as caught:
        detect_time([sample]).parse(value)

    assert caught.value.field == "ts"


PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("value", "expected", "name"),
    [
        ("2019-10-01T02:00:00.123", MOMENT, "ISO 8601"),
        ("2019-10-01 02:00:00.123", MOMENT, "ISO 8601"),
        ("2019-10-01T00:00:00.123Z", MOMENT, "ISO 8601"),
        ("2019-10-01 00:00:00.123 UTC", MOMENT, "ISO 8601"),
        ("2019-09-30T20:00:00.123-04:00", MOMENT, "ISO 8601"),
        ("20191001", MOMENT - 123 - 2 * 3_600_000, "YYYYMMDD"),
        ("10/1/2019 2:00:00 AM", MOMENT - 123, "month/day/year"),
        ("01.10.2019 02:00", MOMENT - 123, "day/month/year"),
        (date(2019, 10, 1), MOMENT - 123 - 2 * 3_600_000, "dates"),
        (datetime(2019, 10, 1, 2, 0, 0, 123_000), MOMENT, "dates"),  # noqa: DTZ001
        (datetime(2019, 10, 1, 0, 0, 0, 123_000, tzinfo=UTC), MOMENT, "dates"),
    ],
)
def test_times_that_name_no_zone_are_of_the_one_that_is_said(value: object, expected: int, name: str) -> None:
    found = detect_time([value], zone=PARIS)
    assert (found.parse(value), found.name, found.zoned) == (expected, f"{name} in Europe/Paris", True)


def test_summer_ends_and_an_hour_comes_twice() -> None:
    """The first of the two is meant."""
    parse = detect_time(["2019-10-27T01:30:00"], zone=PARIS).parse
    before, twice, after = (parse(f"2019-10-27T0{hour}:30:00") for hour in (1, 2, 3))
    assert (twice - before, after - twice) == (3_600_000, 2 * 3_600_000)


@pytest.mark.parametrize("value", ["1569888000", "1569888000123", "60"])
def test_a_count_since_a_moment_is_in_no_zone(value: str) -> None:
    found = detect_time([value], zone=PARIS)
    assert (found.zoned, found.parse(value), "Paris" in found.name) == (False, detect_time([value]).parse(value), False)
