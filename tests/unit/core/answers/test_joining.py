"""A user, a guest who turned out to be them, and what they said a moment ago."""

from typing import Any

import msgspec

from shared.contracts.told import Kind, Word
from shared.contracts.views import View
from shared.core.answers.joining import DAY_MS, person

NOW = 10 * DAY_MS


def view(*recent: str, ts: int = NOW, **fields: Any) -> View:
    met = list(recent)
    listed = View(1, "at", ts, "personal", "m", ["x", "y"], [2.0, 1.0], recent=met, seen=met, visits=len(met))
    return msgspec.structs.replace(listed, **fields)


def test_nothing_new_leaves_the_view_as_it_is() -> None:
    known = view("a")
    found = person(known, [], [])
    assert found.view is known
    assert not found.anew
    assert found.has_history


def test_nobody_has_no_history() -> None:
    found = person(None, [], [])
    assert (found.view, found.has_history) == (None, False)


def test_what_a_guest_did_just_before_stands_before_what_the_user_did_last_week() -> None:
    found = person(view("a", "b", ts=NOW - 7 * DAY_MS), [view("c", "a", again=[("c", 1, NOW)])], [])
    assert found.anew
    assert found.view is not None
    assert found.view.recent == ["c", "a", "b"]
    assert found.view.ts == NOW
    assert found.view.visits == 4
    assert set(found.view.seen) == {"a", "b", "c"}
    assert found.view.again == [("c", 1, NOW)]
    assert found.view.items == ["x", "y"], "the user's own list"


def test_a_guest_is_all_that_is_known_of_a_new_user() -> None:
    found = person(None, [view("c")], [])
    assert found.has_history
    assert found.view is not None
    assert found.view.recent == ["c"]


def test_a_session_of_long_before_counts_no_more() -> None:
    known = view("a")
    found = person(known, [view("c", ts=NOW - DAY_MS - 1, again=[("c", 1, 1)])], [])
    assert found.view is not None
    assert (found.view.recent, found.view.again, found.view.visits) == (["a"], [], 1)
    assert not found.anew
    assert person(known, [view()], []).view == known, "one without a history"


def test_what_a_guest_took_or_refused_is_not_recommended_however_long_ago() -> None:
    found = person(view("a"), [view("c", ts=NOW - DAY_MS - 1), view(ts=0, seen=["y"])], [])
    assert found.view is not None
    assert set(found.view.seen) == {"a", "c", "y"}
    assert (found.view.items, found.view.scores) == (["x"], [2.0])


def test_what_a_guest_liked_and_avoided_is_the_users_too() -> None:
    guest = view(ts=0, liked=["tea"], avoided=["wine"])
    found = person(None, [guest], [])
    assert (found.liked, set(found.avoided)) == (("tea",), {"wine"})
    found = person(view("a", liked=["cups"]), [guest], [])
    assert (found.liked, set(found.avoided)) == (("cups", "tea"), {"wine"})
    assert not found.anew, "the list includes all of the history"


def test_of_a_category_what_was_told_last_counts_whoever_they_were_then() -> None:
    before, after = view("c", ts=NOW - 1, avoided=["tea"]), view("d", ts=NOW + 1, avoided=["tea"])
    known = view("a", liked=["tea"])
    assert person(known, [before], []).liked == ("tea",)
    assert person(known, [after], []).avoided == {"tea"}
    assert person(known, [after], [Word(Kind.PREFER, "tea")]).liked == ("tea",)


def test_words_bar_and_like_and_the_newest_on_a_thing_counts() -> None:
    words = [
        Word(Kind.HIDE, "x"),
        Word(Kind.LIKE, "y"),
        Word(Kind.SKIP, "z"),
        Word(Kind.LIKE, "x"),
        Word(Kind.DISLIKE, "y"),
        Word(Kind.AVOID, "tea"),
        Word(Kind.PREFER, "tea"),
        Word(Kind.AVOID, "pots"),
    ]
    found = person(view("a"), [], words)
    assert found.barred == {"y", "z"}
    assert found.view is not None
    assert found.view.recent == ["x", "a"]
    assert found.liked == ("tea",)
    assert found.avoided == {"pots"}
    assert found.anew


def test_a_first_like_is_a_history() -> None:
    found = person(None, [], [Word(Kind.LIKE, "x")])
    assert found.has_history
    assert found.view is not None
    assert (found.view.recent, found.view.seen) == (["x"], ["x"])


def test_what_was_told_before_stands_behind_what_is_told_now() -> None:
    known = view("a", liked=["old", "older", "gone"], avoided=["pots", "back"])
    found = person(known, [], [Word(Kind.PREFER, "back"), Word(Kind.AVOID, "gone")])
    assert found.liked == ("back", "older", "old")
    assert found.avoided == {"pots", "gone"}
    assert not found.anew
