from shared.contracts.event_types import EventType, Meaning
from shared.core.profiles.having import OWNED, REFUSED, RELEASED
from shared.core.profiles.kinds import MOST, NOT_SETTLING, KindTable

TYPES = {
    "view": EventType(weight=1.5),
    "purchase": EventType(meaning=Meaning.OWN, weight=3.0),
    "return": EventType(meaning=Meaning.RELEASE, weight=1.0),
    "hide": EventType(meaning=Meaning.REFUSE, weight=1.0),
}


def test_what_kinds_mean_stands_by_their_index() -> None:
    kinds = KindTable(TYPES, ["purchase"]).of(["purchase", "item", "view", "return", "hide"])
    assert kinds.weights.tolist() == [3.0, 0.0, 1.5, 0.0, 0.0]
    assert kinds.meanings == [Meaning.OWN, Meaning.NOTE, Meaning.INTEREST, Meaning.RELEASE, Meaning.REFUSE]
    assert kinds.settling.tolist() == [OWNED, NOT_SETTLING, NOT_SETTLING, RELEASED, REFUSED]
    assert kinds.bought.tolist() == [True, False, False, False, False]


def test_who_settles_is_known_of_each_list_of_kinds() -> None:
    table = KindTable(TYPES, [])
    assert [table.of(kinds).settles for kinds in (["view"], ["view", "hide"], ["unknown"], [])] == [
        False,
        True,
        False,
        False,
    ]


def test_lists_of_kinds_are_held_up_to_a_bound() -> None:
    table = KindTable(TYPES, [])
    first = table.of(["view"])
    assert table.of(["view"]) is first
    for number in range(MOST):
        table.of([f"kind{number}"])
    assert table.of(["view"]) is not first
    assert table.of(["view"]).weights.tolist() == [1.5]
