"""Compares what production has made with what an independent oracle makes of the same log.

The log is `frames`. Checked: every raw record is in `frames` or in `dead-letter`; the deltas in the log are the
oracle's; saved states equal the oracle's at their own offsets, bit for bit; rows and tops equal it as of the delta that
they name; every user's list includes their last event. After a refresh also that nothing published is out of date, and
lists whole.
"""

from collections import defaultdict
from collections.abc import Callable

from services.verify.completeness import Accounted, check_completeness
from services.verify.items_check import ItemsCheck, published_rows
from services.verify.profiles_check import Expected, check_profiles
from services.verify.shop import Findings, Shop
from services.verify.tops_check import TopsLog, check_current, check_tops
from shared.contracts.settings import Settings

Say = Callable[[str], None]


def verification(settings: Settings, say: Say, *, refreshed: bool) -> Findings:
    """One pass over the logs. ``refreshed``: ``headrace refresh`` has just ended, and no event has come since.

    Memory: the oracle's state of one partition of `frames`, of all of `item-deltas`, and all of the latter's log.
    """
    shop = Shop(settings, refreshed=refreshed)
    _verify(shop, say)
    shop.close()
    return shop.findings


def _verify(shop: Shop, say: Say) -> None:
    sizes = shop.settings.topics
    expected: Expected = {}
    accounted: Accounted = defaultdict(set)
    for partition in range(sizes.frames_partitions):
        say(f"frames {partition + 1} of {sizes.frames_partitions}")
        expected |= check_profiles(shop, partition, accounted)
    tops, rows, oracles = TopsLog(shop), published_rows(shop), []
    for partition in range(sizes.items_partitions):
        say(f"item-deltas {partition + 1} of {sizes.items_partitions}")
        oracle = ItemsCheck(shop, partition, expected, rows, tops).run()
        oracles.append(oracle)
        if shop.refreshed:
            check_current(shop, tops, oracle, partition)
    for items, frames, offset in expected:
        shop.findings.of("deltas").missing(f"delta of frames/{frames} offset {offset} for item-deltas/{items}")
    if shop.refreshed:
        check_tops(shop, tops, oracles)
    say("raw topics")
    check_completeness(shop.log, shop.settings, accounted, shop.findings.of("raw records"))
