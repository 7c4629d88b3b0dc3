"""A record that ends every worker is met three times, not for ever."""

from typing import Any, cast

import pytest

from shared.contracts.errors import BadRecord, NeedsAPerson, Unavailable
from shared.contracts.settings import load_settings
from shared.contracts.skips import MOST_CRASHES, decode_crashes
from shared.contracts.views import Keys
from streams.hosting.crashes import Crashes
from streams.steps.ports import Ports

FRAMES = ("frames", 0)


class Marks:
    """Markers in Redis."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}

    def read(self, keys: list[str]) -> list[bytes | None]:
        return [self.held.get(key) for key in keys]

    def mark(self, key: str, value: str, _ttl_s: int) -> None:
        self.held[key] = value.encode()


@pytest.fixture
def crashes() -> Crashes:
    settings = load_settings()
    none = cast("Any", None)
    return Crashes(Ports(settings, none, cast("Any", Marks()), Keys(settings), none, none))


def crash(crashes: Crashes, offset: int, error: Exception) -> None:
    with crashes.counted(FRAMES, offset):
        raise error


def test_the_third_crash_at_one_record_calls_a_person(crashes: Crashes) -> None:
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            crash(crashes, 7, ZeroDivisionError("by zero"))
    with pytest.raises(NeedsAPerson, match=r"frames/0: 3 workers ended at record 7, .* ZeroDivisionError: by zero"):
        crash(crashes, 7, ZeroDivisionError("by zero"))


def test_another_record_begins_anew(crashes: Crashes) -> None:
    for offset in (7, 7, 8, 8):
        with pytest.raises(BadRecord):
            crash(crashes, offset, BadRecord("wrong-type", "not a frame"))


def test_a_broker_that_is_away_is_no_crash(crashes: Crashes) -> None:
    for _ in range(5):
        with pytest.raises(Unavailable):
            crash(crashes, 7, Unavailable("Kafka"))


def test_a_record_of_another_version_calls_one_at_once_and_may_be_skipped(crashes: Crashes) -> None:
    with pytest.raises(NeedsAPerson, match=r"frames/0: another version .* record 7: .*frame version 2, known is 3"):
        crash(crashes, 7, BadRecord("unknown-version", "frame version 2, known is 3"))
    [held] = cast("Marks", crashes._ports.views).held.values()
    assert decode_crashes(held) == (7, MOST_CRASHES)
