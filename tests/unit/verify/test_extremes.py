"""Oracle and production are equal at the ends of times, weights and half-lives, and no number there is none."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.settings import Settings, load_settings
from shared.core.tables.segments import unpack
from tests.unit.core.frame_rows import START, Row
from tests.unit.verify.test_oracles import Both

MINUTE = 60_000
FIRST, LAST = 1 - START // MINUTE, 3 * 10**7  # minutes from START: 1970, and half a century on
NO_PRICE = "log_price"  # NaN: none


def rules(weights: list[float], half_life_ms: int) -> Settings:
    """Each weight as interest and as possession, which counts as bought; bounds that bite."""
    types = {f"{how}-{weight}": {"meaning": how, "weight": weight} for how in ("interest", "own") for weight in weights}
    bought = [name for name in types if name.startswith("own")]
    return load_settings(
        topics={"frames_partitions": 1, "items_partitions": 1},
        events={"types": types},
        profiles={"max_users": 3, "history": 3, "max_items": 6, "max_owned": 2},
        cooccurrence={
            "max_items": 6,
            "neighbours": 2,
            "few_items": 3,
            "half_life_ms": half_life_ms,
            "quick_half_life_ms": MINUTE,
            "bought": bought,
        },
        popularity={"max_scopes": 1, "half_lives_ms": {"6h": MINUTE, "30d": half_life_ms}, "max_contexts": 1},
    )


@pytest.mark.parametrize(
    "rules",
    [rules([0.5, 1000.0], MINUTE), rules([5e-324, 1e-300, 1000.0], 10**13)],
    ids=["quick", "slow"],
)
@settings(max_examples=25)
@given(data=st.data())
def test_oracle_and_production_are_equal_at_the_ends(rules: Settings, data: st.DataObject) -> None:
    row = st.builds(
        Row,
        user=st.sampled_from("uvw"),
        item=st.sampled_from("abcdefg"),
        at=st.sampled_from([0, 0, 1, FIRST, LAST]) | st.integers(FIRST, LAST),
        kind=st.sampled_from(sorted(rules.events.types)),
        context=st.sampled_from([None, b'{"device":"tv"}']),
    )
    both = Both(rules)
    for number, rows in enumerate(data.draw(st.lists(st.lists(row, min_size=1, max_size=6), max_size=6))):
        both.fold(number, rows)
        findings = both.compare()
        assert not findings.differing, findings.differences
    assert _not_finite(both) == []


def _not_finite(both: Both) -> list[str]:
    """Columns of states with a number that is none."""
    segments = [(name, unpack(raw)) for step in both.worker.kept().values() for name, raw in step.take().items()]
    columns = [(f"{name}: {column}", one.column(column)) for name, one in segments for column in one.packed]
    return [
        name
        for name, numbers in columns
        if numbers.dtype.kind == "f" and not name.endswith(NO_PRICE) and not np.isfinite(numbers).all()
    ]
