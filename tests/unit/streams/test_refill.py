from streams.steps.refill import FIRST_MS, LEAST_MS, MOMENT_MS, Refill


def test_at_first_a_list_is_taken_to_be_neither_cheap_nor_dear() -> None:
    assert Refill().room(0) == MOMENT_MS / FIRST_MS
    assert Refill().room(int(MOMENT_MS / FIRST_MS) - 1) == 1
    assert Refill().room(10**6) == 0


def test_room_is_for_as_many_as_take_a_moment() -> None:
    refill = Refill()
    for _ in range(20):
        refill.took(256, 256 * 2.0)
    assert refill.room(0) == int(MOMENT_MS / 2)
    for _ in range(40):
        refill.took(256, 256 * 0.1)
    assert MOMENT_MS / 0.1 - 2 <= refill.room(0) <= MOMENT_MS / 0.1


def test_a_clock_that_stands_still_does_not_make_lists_free() -> None:
    refill = Refill()
    for _ in range(100):
        refill.took(256, 0)
    assert refill.room(0) == MOMENT_MS / LEAST_MS


def test_one_slow_list_among_many_says_little_and_none_says_nothing() -> None:
    refill = Refill()
    refill.took(0, 1000)
    assert refill.room(0) == MOMENT_MS / FIRST_MS
    refill.took(1, 20)
    assert refill.room(0) > 0.8 * MOMENT_MS / FIRST_MS
