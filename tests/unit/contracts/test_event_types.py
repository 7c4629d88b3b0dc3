from shared.contracts.event_types import EventType, Meaning, default_event_types


def test_what_does_not_move_a_model_has_no_weight() -> None:
    for name, kind in default_event_types().items():
        assert (kind.weight > 0) == (kind.meaning in {Meaning.INTEREST, Meaning.OWN}), name


def test_a_new_type_is_an_interest_as_heavy_as_a_view() -> None:
    assert EventType().weight == default_event_types()["view"].weight
    assert EventType().meaning is Meaning.INTEREST
