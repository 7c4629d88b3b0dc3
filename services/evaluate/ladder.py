"""Sources switched on one by one: what each of them adds to the lists, and what lists then cost."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from services.evaluate.event_log import EventLog
from services.evaluate.figures import DEPTH, MAIN, mean, number
from services.evaluate.intervals import interval, resampled_means
from services.evaluate.prequential import Outcome
from services.evaluate.targets import Targets
from shared.core.lists.reach import FULL, ROWS, Reach
from shared.core.lists.sources import AGAIN, NAMES, TASTE
from shared.core.metrics import hits, places_of

PREFIX = "ladder-"
ALIKE = NAMES.index("alike")


def rungs(log: EventLog, *, repeats: bool) -> dict[str, Reach]:
    """By the name of a method, from popularity alone to all that is of use on the log: likeness where there is a
    catalogue, own items where they may come again.
    """
    found, depths = {f"{PREFIX}popularity": _reach(0, 0, 0, 0, own=0)}, [0] * ROWS
    for source in range(ROWS):
        if source != ALIKE or log.catalogue:
            depths[source] = FULL.depths[source]
            found[PREFIX + NAMES[source]] = _reach(*depths, own=0)
    if repeats:
        found[PREFIX + NAMES[AGAIN]] = _reach(*depths, own=FULL.own)
    found[PREFIX + NAMES[TASTE]] = _reach(*depths, own=FULL.own if repeats else 0, taste=FULL.taste)
    return found


def _reach(together: int, following: int, quick: int, alike: int, *, own: int, taste: int = 0) -> Reach:
    return replace(FULL, depths=(together, following, quick, alike), own=own, taste=taste)


def climbed(outcomes: Mapping[str, Outcome], targets: Targets, seed: int) -> list[dict[str, Any]]:
    """Rung by rung HR@20, and what it has more than the one below: [difference, low, high], paired."""
    names = [name for name in outcomes if name.startswith(PREFIX)]
    if not names:
        return []
    values = np.stack([hits(places_of(targets.item, outcomes[name].lists), DEPTH) for name in names], axis=1)
    means = resampled_means(values, targets.user, seed)
    told: list[dict[str, Any]] = []
    for n, name in enumerate(names):
        rung: dict[str, Any] = {"method": name, "adds": name.removeprefix(PREFIX), MAIN: mean(values[:, n])}
        if n:
            by = number(float((values[:, n] - values[:, n - 1]).mean()))
            rung["gain"] = [by, *interval(means[:, n] - means[:, n - 1])]
        told.append(rung)
    return told
