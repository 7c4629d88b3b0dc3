import re

import pytest

from services.producers.pacing import Pace, parse_speed, shift_to_now
from shared.contracts.errors import HeadraceError

NOW, HOUR = 1_760_000_000_000, 3_600_000


def test_speed_is_event_time_against_wall_time_and_rate_a_ceiling() -> None:
    assert Pace(speed=100).due(5, 60_000) == 0.6
    assert Pace(rate=50).due(100, 60_000) == 2.0
    assert Pace(speed=100, rate=1000).due(100, 60_000) == 0.6
    assert Pace().due(10**6, 10**9) == 0


@pytest.mark.parametrize(
    ("text", "speed"), [("max", None), ("1x", 1.0), ("100X", 100.0), ("0.5", 0.5), ("0.001x", 0.001)]
)
def test_speeds_as_they_are_written(text: str, speed: float | None) -> None:
    assert parse_speed(text) == speed


@pytest.mark.parametrize("text", ["fast", "0x", "-1", "nan", "inf", "", "1e-320", "0.0009x", "1e300"])
def test_what_is_no_speed(text: str) -> None:
    with pytest.raises(HeadraceError, match=re.escape("say max, 1x, 100x, …, from 0.001x to 1000000000x")):
        parse_speed(text)


@pytest.mark.parametrize(
    ("pace", "first", "last"),
    [
        (Pace(), NOW - HOUR, NOW),
        (Pace(speed=1), NOW, NOW + HOUR),
        (Pace(speed=2), NOW - HOUR // 2, NOW + HOUR // 2),
        (Pace(speed=0.5), NOW, NOW + HOUR),
    ],
    ids=["max ends now", "1x begins now", "2x is half way", "slower never starts in the future"],
)
def test_a_shifted_log_ends_as_it_is_sent(pace: Pace, first: int, last: int) -> None:
    shift = shift_to_now(1000, 1000 + HOUR, NOW, pace.lasts_ms(10, HOUR))

    assert (1000 + shift, 1000 + HOUR + shift) == (first, last)
