"""One partition of `frames`: its saved state, the deltas that it must have made, its users' lists."""

from contextlib import suppress

from services.verify.completeness import Accounted, account_for
from services.verify.lists_oracle import ListsOracle, said_by
from services.verify.profiles_oracle import ProfilesOracle
from services.verify.saved_state import saved_profiles
from services.verify.shop import BATCH, Shop
from services.verify.standing_views import StandingViews
from services.verify.states import of_profiles
from services.verify.user_oracle import User
from shared.contracts.deltas import encode
from shared.contracts.errors import BadRecord
from shared.contracts.frames import decode_frame
from shared.contracts.routing import partition_of
from shared.contracts.state import digest
from shared.contracts.topics import FRAMES

Expected = dict[tuple[int, int, int], bytes]
"""(items partition, frames partition, frame's offset) → the digest of the delta."""


def check_profiles(shop: Shop, partition: int, accounted: Accounted) -> Expected:
    """Fold the partition; what must be in the log of deltas by now. Adds the frames' sources to ``accounted``."""
    oracle = ProfilesOracle(shop.settings, partition)
    saved = shop.saved(FRAMES, partition)
    expected: Expected = {}
    skipped = shop.skipped(FRAMES, partition)
    end, committed = shop.end(FRAMES, partition), shop.acknowledged[partition]
    for offset, value in shop.log.read(shop.topic(FRAMES), partition, 0, end, contiguous=True):
        deltas = {}
        if offset in skipped:
            _account_for_skipped(value, accounted)
            oracle.offset = offset
        else:
            frame = decode_frame(value)
            account_for(frame, accounted)
            deltas = oracle.fold(offset, frame)
        if offset < committed:
            expected |= {(to, partition, offset): digest(encode(delta)) for to, delta in deltas.items()}
        if saved is not None and offset == saved.offset:
            found = saved_profiles(shop.settings, saved.segments)
            shop.compare_states(f"frames/{partition}", of_profiles(oracle), found)
    _check_routes(shop, oracle.met, partition)
    if committed < end:
        shop.findings.not_compared.append(f"lists of frames/{partition}: {end - committed} records are behind")
    else:
        _check_lists(shop, oracle)
        _check_of_nobody(shop, oracle.met, partition)
    return expected


def _check_routes(shop: Shop, met: set[str], partition: int) -> None:
    """All who came are of this partition: of who is in two each has half, and both write the list."""
    count, findings = shop.settings.topics.frames_partitions, shop.findings.of("frames")
    for name in met:
        findings.same(f"partition of the user {name!r}", partition_of(name, count), partition)


def _account_for_skipped(value: bytes, accounted: Accounted) -> None:
    """What was decided upon is not missing, if it can be read at all."""
    with suppress(BadRecord):
        account_for(decode_frame(value), accounted)


def _check_lists(shop: Shop, oracle: ProfilesOracle) -> None:
    """Every user with a history has a list of their last event; after a refresh everyone has the oracle's, whole."""
    users = [(name, user) for name, user in oracle.users().items() if user.history or shop.refreshed]
    repeatable = frozenset(oracle.repeatable())
    lists = ListsOracle(shop.settings, StandingViews(shop), repeatable, oracle.ts, oracle.offset)
    for start in range(0, len(users), BATCH):
        part = users[start : start + BATCH]
        if shop.refreshed:
            _compare_whole(shop, part, lists)
        else:
            _compare_times(shop, part)


def _check_of_nobody(shop: Shop, met: set[str], partition: int) -> None:
    """No list stands of who was forgotten or never came. (Who left at the bound has theirs until all is published.)"""
    for name in shop.listed[partition]:
        if name not in met:
            shop.findings.of("lists").stray(shop.keys.rec(name))


def _compare_whole(shop: Shop, part: list[tuple[str, User]], lists: ListsOracle) -> None:
    findings = shop.findings.of("lists")
    keys = [shop.keys.rec(name) for name, _ in part]
    expected = lists.expected(part)
    for key, said, view in zip(keys, expected, shop.lists(keys), strict=True):
        if view is None:
            findings.missing(key)
        else:
            findings.mapping(key, said, said_by(view))


def _compare_times(shop: Shop, part: list[tuple[str, User]]) -> None:
    findings = shop.findings.of("lists")
    keys = [shop.keys.rec(name) for name, _ in part]
    for key, (_, user), view in zip(keys, part, shop.lists(keys), strict=True):
        if view is None:
            findings.missing(key)
        else:
            findings.same(f"{key} ts", max(ts for _, ts in user.history), view.ts)
