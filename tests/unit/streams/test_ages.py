"""Ages of what is held and told of items, by the length of turns and by what writing takes."""

from streams.steps.ages import MOST, SHARE, SHORT_MS, Ages, Rounds


def test_ages_are_as_set_while_turns_are_short() -> None:
    ages = Ages()
    assert ages.stretched(1000) == 1000
    for _ in range(20):
        ages.took(SHORT_MS)
    assert ages.stretched(1000) == 1000


def test_long_turns_stretch_them_so_far_and_short_ones_bring_them_back() -> None:
    ages, before = Ages(), 1000
    for _ in range(40):
        ages.took(4 * SHORT_MS)
        assert before <= ages.stretched(1000) <= 4000
        before = ages.stretched(1000)
    assert before > 3990
    ages.took(1e9)
    assert ages.stretched(1000) == 1000 * MOST
    for _ in range(100):
        ages.took(0)
    assert ages.stretched(1000) == 1000


def test_a_single_long_turn_counts_for_a_part() -> None:
    ages = Ages()
    ages.took(4 * SHORT_MS)
    assert ages.stretched(1000) == 1000


def test_a_round_writes_what_waited_as_it_began_and_the_next_waits_for_its_time() -> None:
    rounds, written = Rounds(1000, 500), []
    for now in range(0, 2001, 50):
        count = rounds.due(now, waiting=1200)  # whatever is written waits again at once
        rounds.wrote(count, 0, partitions=1)
        written.append((now, count))
    assert [at for at in written if at[1]] == [
        (0, 500), (50, 500), (100, 200), (1000, 500), (1050, 500), (1100, 200), (2000, 500),
    ]  # fmt: skip


def test_nothing_that_waits_is_looked_for_again_when_the_time_comes() -> None:
    rounds = Rounds(1000, 500)
    assert rounds.due(0, waiting=0) == 0
    assert rounds.due(999, waiting=3) == 0
    assert rounds.due(1000, waiting=3) == 3


def test_rounds_take_their_share_of_the_time_and_no_more() -> None:
    rounds, spent, now = Rounds(1000, 500), 0, 0
    while now < 1_000_000:
        took = 40 if rounds.due(now, waiting=2500) else 0
        if took:
            rounds.wrote(500, took, partitions=2)
        spent, now = spent + took, now + 50
    assert 0.9 * SHARE / 2 <= spent / now <= SHARE / 2
