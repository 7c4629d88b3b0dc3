from benchmarks.effort import Effort
from benchmarks.state_path import EVENTS, OURS, QUICK_EVENTS, events_of


def test_no_more_events_are_asked_for_than_are_drawn() -> None:
    """A shop's users have 20 events each in the mean, so a little more or less than a round number in all."""
    assert events_of(Effort(), EVENTS[OURS] - 213) == EVENTS | {OURS: EVENTS[OURS] - 213}
    assert events_of(Effort(quick=True), EVENTS[OURS]) == QUICK_EVENTS
