from services.evaluate.event_log import EventLog
from services.evaluate.following import following, sittings
from services.evaluate.protocol import Protocol, plan_test
from tests.unit.evaluate import logs

ALL = Protocol(warmup=0.0)


def rest(log: EventLog, protocol: Protocol) -> dict[int, str]:
    """Target → its relevant items, in one word."""
    plan = plan_test(log, protocol)
    found = following(log, plan, protocol)
    texts = dict.fromkeys(plan.targets.tolist(), "")
    for query, item in zip(found.query, found.item, strict=True):
        texts[int(plan.targets[query])] += log.items[item]
    assert [len(text) for text in texts.values()] == found.count.tolist()
    return texts


def test_without_sessions_a_pause_of_half_an_hour_ends_it() -> None:
    minutes = {"a": 0, "b": 29, "c": 59, "d": 90}
    log = logs.of([logs.record("u", item, minute) for item, minute in minutes.items()])
    assert rest(log, ALL) == {0: "abc", 1: "bc", 2: "c", 3: "d"}
    assert sittings(log, ALL)[1] == "events without a pause of 30 minutes"


def test_others_do_not_count_and_what_the_user_has_neither() -> None:
    log = logs.lines("u a", "v x", "u b", "u a", "u c")
    assert rest(log, ALL) == {0: "abc", 1: "x", 2: "bc", 4: "c"}


def test_with_repeats_all_but_the_last_item_count() -> None:
    log = logs.lines("u a", "u b", "u a", "u c")
    assert rest(log, Protocol(warmup=0.0, repeats=True)) == {0: "abc", 1: "bc", 2: "ac", 3: "c"}


def test_sessions_where_the_log_names_them() -> None:
    sessions = ["s", "s", "t", None, None]
    log = logs.of([logs.record("u", "abcde"[n], n, session=session) for n, session in enumerate(sessions)])
    assert rest(log, ALL) == {0: "ab", 1: "b", 2: "c", 3: "d", 4: "e"}


def test_the_same_session_of_another_user_is_another() -> None:
    log = logs.of([logs.record(user, user, n, session="s") for n, user in enumerate("uvu")])
    assert rest(log, ALL) == {0: "u", 1: "v"}


def baskets(*, strict: bool) -> EventLog:
    return logs.of([logs.record("u", item, 0, basket="1") for item in "abc"], baskets=strict)


def test_the_rest_of_a_basket_or_all_of_it_where_it_is_hidden() -> None:
    assert rest(baskets(strict=False), ALL) == {0: "abc", 1: "bc", 2: "c"}
    assert rest(baskets(strict=True), Protocol(warmup=0.0, baskets=True)) == {0: "abc", 1: "abc", 2: "abc"}
