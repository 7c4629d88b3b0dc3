"""What kills of a worker come to."""

from benchmarks.recovery import summed_up


def test_a_kill_that_lists_did_not_recover_from_is_not_left_out() -> None:
    after = [2.0, None, 8.0]
    found = summed_up([{"recovered_s": seconds, "for_good_s": None} for seconds in after])
    assert found["recovered_s"] == {"median": 8.0, "max": None}
    assert found["for_good_s"] == {"median": None, "max": None}
    assert len(found["kills"]) == 3
