from services.ops.backoff import Backoff


def test_waits_double_up_to_the_longest() -> None:
    backoff = Backoff(first=0.5, factor=2, longest=10)
    assert [backoff.wait(deaths) for deaths in range(1, 8)] == [0.5, 1, 2, 4, 8, 10, 10]
    assert backoff.wait(1_000_000) == 10


def test_a_healthy_life_starts_over() -> None:
    backoff = Backoff(healthy=60)
    assert backoff.deaths(before=7, lived=59.9) == 8
    assert backoff.deaths(before=7, lived=60) == 1
    assert backoff.deaths(before=0, lived=0) == 1
