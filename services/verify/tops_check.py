"""The `tops` log and the lists that are made from it: what each items partition said last of a scope."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

from services.verify.forward_decay import brought
from services.verify.items_oracle import ItemsOracle
from services.verify.published import ROW, SIM, STAT, item_views, part_of, version_in
from services.verify.shop import Shop, origin, scored
from services.verify.ties import best_first, rounded
from shared.contracts.deltas import ScopeNew, ScopeTops, decode_tops
from shared.contracts.topics import TOPS
from shared.contracts.views import VIEW_VERSION, View

Record = TypeVar("Record", ScopeTops, ScopeNew)


class TopsLog:
    """The last word of every items partition on every scope that it holds."""

    def __init__(self, shop: Shop) -> None:
        self.last: dict[str, dict[int, ScopeTops]] = defaultdict(dict)
        self.new: dict[str, dict[int, ScopeNew]] = defaultdict(dict)
        topic = shop.topic(TOPS)
        first, end = shop.log.bounds(topic, 0)
        skipped = shop.skipped(TOPS, 0)
        for offset, value in shop.log.read(topic, 0, first, end, contiguous=False):
            record = decode_tops(value) if value and offset not in skipped else None
            if isinstance(record, ScopeTops):
                _keep_last(self.last[record.scope], record)
            elif isinstance(record, ScopeNew):
                _keep_last(self.new[record.scope], record)
        self.last = _held(self.last, lambda record: bool(record.tops))
        self.new = _held(self.new, lambda record: bool(record.items))

    def by_delta(self, partition: int) -> dict[int, list[ScopeTops | ScopeNew]]:
        """Delta → the records of one items partition that include just that one."""
        found: dict[int, list[ScopeTops | ScopeNew]] = defaultdict(list)
        said: list[ScopeTops | ScopeNew | None] = [of_scope.get(partition) for of_scope in self.last.values()]
        for record in (*said, *(of_scope.get(partition) for of_scope in self.new.values())):
            if record is not None:
                found[record.offset].append(record)
        return found


def _held(said: dict[str, dict[int, Record]], still: Callable[[Record], bool]) -> dict[str, dict[int, Record]]:
    """Without what partitions hold no longer, nor scopes that none does."""
    parts = {
        scope: {partition: record for partition, record in of_scope.items() if still(record)}
        for scope, of_scope in said.items()
    }
    return {scope: of_scope for scope, of_scope in parts.items() if of_scope}


def _keep_last(partitions: dict[int, Record], record: Record) -> None:
    known = partitions.get(record.partition)
    if known is None or known.offset <= record.offset:
        partitions[record.partition] = record


def check_tops(shop: Shop, tops: TopsLog, oracles: list[ItemsOracle]) -> None:
    """Trending, popular and new lists, and who is unavailable; to be asked only when all views stand."""
    findings, rules, end = shop.findings.of("trending"), shop.settings.popularity, shop.end(TOPS, 0)
    for scope, partitions in tops.last.items():
        keys = {shop.keys.trending(scope, name): name for name in rules.half_lives_ms}
        keys |= {shop.keys.trending(scope): rules.trending, shop.keys.popular(scope): rules.popular}
        views = dict(zip(keys, shop.lists(list(keys)), strict=True))
        for (key, name), view in zip(keys.items(), views.values(), strict=True):
            if view is None:
                findings.missing(key)
            else:
                source = "popular" if key == shop.keys.popular(scope) else "trending"
                whose = {"v": VIEW_VERSION, "source": source, "model": f"decayed-{name}", "scope": scope}
                findings.same(f"{key}: whose it is", whose, origin(view))
                shop.check_version("trending", key, view.at, end)
                findings.same(key, _merged(shop, list(partitions.values()), name), (view.ts, scored(view)))
        _check_zset(shop, scope, views[shop.keys.trending(scope)])
    _check_new(shop, tops)
    scopes, unavailable = shop.keys.scopes(), shop.keys.unavailable()
    members = {of: shop.held(of.members, shop.views.members) for of in (scopes, unavailable)}
    _check_scopes(shop, tops, members[scopes] or set())
    findings.same("unavailable items", {i for oracle in oracles for i in oracle.unavailable()}, members[unavailable])
    for of, held in members.items():
        [raw] = shop.read([of.at])
        if raw is not None or held:  # a set that nothing was ever said of has none
            shop.check_version("trending", of.at, (raw or b"").decode(errors="replace"), end)


def _check_zset(shop: Shop, scope: str, view: View | None) -> None:
    """``ztrending:`` says what ``trending:``, the ``view``, does."""
    if view is not None:
        zset = shop.keys.trending_zset(scope)
        shop.findings.of("trending").same(zset, dict(scored(view)), shop.held(zset, shop.views.scores))


def _check_scopes(shop: Shop, tops: TopsLog, named: set[str]) -> None:
    """All scopes are named, and no others; of others no list stands, of half-lives that are gone neither."""
    keys, findings = shop.keys, shop.findings.of("trending")
    findings.same("scopes that are not named", set(), {*tops.last, *tops.new} - named)
    findings.same("scopes that are named and gone", set(), named - {*tops.last, *tops.new})
    gone = _gone_lists(shop, tops)
    for key, raw in zip(gone, shop.read(gone), strict=True):
        if raw is not None:
            findings.stray(key)
    for scope in set(shop.views.names(keys.trending_zset(""))) - set(tops.last):
        findings.stray(keys.trending_zset(scope))


def _gone_lists(shop: Shop, tops: TopsLog) -> list[str]:
    """Keys of lists of scopes, or half-lives, that there are none of."""
    keys, ladder = shop.keys, ["", *(f"@{name}" for name in shop.settings.popularity.half_lives_ms)]
    found = []
    for prefix, held in ((keys.trending(""), tops.last), (keys.popular(""), tops.last), (keys.new(""), tops.new)):
        word = prefix.removesuffix(":")
        for rest in shop.views.names(word):
            half_life, _, scope = rest.partition(":")
            if half_life[:1] in {"", "@"} and (half_life not in ladder or scope not in held):
                found.append(word + rest)
    return found


def _check_new(shop: Shop, tops: TopsLog) -> None:
    findings, most, end = shop.findings.of("new"), shop.settings.popularity.published, shop.end(TOPS, 0)
    keys = [shop.keys.new(scope) for scope in tops.new]
    for key, partitions, view in zip(keys, tops.new.values(), shop.lists(keys), strict=True):
        if view is None:
            findings.missing(key)
            continue
        told = [entry for part in partitions.values() for entry in zip(part.items, part.since, strict=True)]
        newest = best_first((item, float(since)) for item, since in told)[:most]
        whose = {"v": VIEW_VERSION, "source": "new", "model": "newest", "scope": key.removeprefix(shop.keys.new(""))}
        findings.same(f"{key}: whose it is", whose, origin(view))
        shop.check_version("new", key, view.at, end)
        findings.same(key, [(item, since / 1000) for item, since in newest], scored(view))


def _merged(shop: Shop, parts: list[ScopeTops], half_life: str) -> tuple[int, list[tuple[str, float]]]:
    newest = max(part.ts for part in parts)
    half_life_ms, most = shop.settings.popularity.half_lives_ms[half_life], shop.settings.popularity.published
    counts = [
        (item, brought(count, part.ts, newest, half_life_ms))
        for part in parts
        for top in part.tops
        if top.half_life == half_life
        for item, count in zip(top.items, top.counts, strict=True)
    ]
    return newest, [(item, rounded(count)) for item, count in best_first(counts)[:most]]


def check_current(shop: Shop, tops: TopsLog, oracle: ItemsOracle, partition: int) -> None:
    """Nothing that changed later than it was published; to be asked only when all views stand."""
    check_items_current(shop, oracle, {})
    for scope, changed in oracle.scope_changed.items():
        if scope in oracle.scopes():
            record = tops.last.get(scope, {}).get(partition)
            what = f"tops of {scope} from item-deltas/{partition} are current"
            shop.findings.of("tops").same(what, True, record is not None and record.offset >= changed)
    for scope, changed in oracle.new_changed.items():
        if oracle.newest.lists.get(scope):
            said = tops.new.get(scope, {}).get(partition)
            what = f"what is new in {scope} from item-deltas/{partition} is current"
            shop.findings.of("tops").same(what, True, said is not None and said.offset >= changed)


def check_items_current(shop: Shop, oracle: ItemsOracle, waiting: Mapping[str, Collection[str]]) -> None:
    """The same of what is said of items. Without a refresh, of those that are not ``waiting`` by kind of view and of
    which something was to be said: of an item that left at the bound and is a neighbour again there are no numbers yet.
    """
    for kind in (SIM, ROW, STAT):
        changed = oracle.stats_changed if kind == STAT else oracle.rows_changed
        due = changed.keys() - waiting.get(kind, ())
        items = [item for item in oracle.owned() if shop.refreshed or item in due]
        _check_versions(shop, kind, items, changed)


def _check_versions(shop: Shop, kind: str, items: list[str], changed: dict[str, int]) -> None:
    findings, key_of = shop.findings.of(part_of(kind)), item_views(shop)[kind]
    for item, raw in zip(items, shop.read([key_of(item) for item in items]), strict=True):
        version = shop.decoded(key_of(item), raw, version_in)
        if raw is None:
            findings.missing(key_of(item))
        elif version is not None:
            findings.same(f"{key_of(item)} is current", True, int(version[7:]) >= changed.get(item, -1))
