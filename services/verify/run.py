"""Compares what production has made with what an independent oracle makes of the same log.

The log is `frames`. Checked: every raw record is in `frames` or in `dead-letter`; the deltas in the log are the
oracle's; saved states equal the oracle's at their own offsets, bit for bit; views of items and tops equal it as of the
delta that they name, the ranker a replay of `examples` as of the record that it names; batch lists are what their
records say; every user's list includes their last event. After a refresh also that nothing published is out of date,
and lists whole.
"""

from collections import defaultdict
from collections.abc import Callable

from services.verify.batch_check import check_batch_lists
from services.verify.completeness import Accounted, acknowledged, check_completeness
from services.verify.items_check import ItemsCheck
from services.verify.learner_check import check_learner
from services.verify.lifetimes_check import check_lifetimes
from services.verify.offsets import Offsets
from services.verify.profiles_check import Expected, check_profiles
from services.verify.published import published_views
from services.verify.shop import Findings, Shop
from services.verify.tops_check import TopsLog, check_current, check_tops
from shared.adapters.kafka_topics import need_topics
from shared.contracts.settings import Settings

Say = Callable[[str], None]


def verification(settings: Settings, say: Say, *, refreshed: bool) -> Findings:
    """One pass over the logs. ``refreshed``: ``headrace refresh`` has just ended, and no event has come since.

    Memory: the oracle's state of one partition of `frames`, of all of `item-deltas`, a digest of each of the latter's
    deltas, a bit of each raw record, all that is published of items, and the names of keys.
    """
    need_topics(settings)
    shop, committed = Shop(settings, refreshed=refreshed), acknowledged(settings)
    accounted = compare_folds(shop, say)
    say("raw topics")
    check_completeness(shop, committed, accounted)
    shop.close()
    return shop.findings


def compare_folds(shop: Shop, say: Say) -> Accounted:
    """All that is made of `frames`; the raw records that these hold."""
    sizes = shop.settings.topics
    expected: Expected = {}
    accounted: Accounted = defaultdict(Offsets)
    for partition in range(sizes.frames_partitions):
        say(f"frames {partition + 1} of {sizes.frames_partitions}")
        expected |= check_profiles(shop, partition, accounted)
    tops, views, oracles = TopsLog(shop), published_views(shop), []
    for partition in range(sizes.items_partitions):
        say(f"item-deltas {partition + 1} of {sizes.items_partitions}")
        oracle = ItemsCheck(shop, partition, expected, views[partition], tops).run()
        oracles.append(oracle)
        if shop.refreshed:
            check_current(shop, tops, oracle, partition)
    for items, frames, offset in expected:
        shop.findings.of("deltas").missing(f"delta of frames/{frames} offset {offset} for item-deltas/{items}")
    if shop.refreshed:
        check_tops(shop, tops, oracles)
    say("examples")
    check_learner(shop)
    say("batch lists")
    check_batch_lists(shop)
    check_lifetimes(shop)
    return accounted
