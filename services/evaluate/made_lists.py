"""What a refresh would write of users' lists at a recording's end, and whether it is what stands in Redis."""

from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from services.evaluate.pipeline import Pipeline
from services.verify.comparison import Comparison
from shared.contracts.recordings import Header
from shared.contracts.routing import partition_of
from shared.contracts.views import Keys, at, decode_view

COMPARED = ("at", "items", "scores", "why", "explore")
Read = Callable[[list[str]], list[bytes | None]]


class MadeList(msgspec.Struct):
    """A user's ``rec:`` view, as far as it is said here."""

    user_id: str
    at: str
    items: list[str]
    scores: list[float]
    why: list[str]
    explore: list[str]


def sampled(pipeline: Pipeline, users: int, seed: int) -> list[str]:
    """So many of those who are known, or all; the same for a seed, ascending."""
    known = sorted(name for profiles in pipeline.profiles for name in profiles.state.users.slots)
    drawn = np.random.default_rng(seed).choice(len(known), min(users, len(known)), replace=False)
    return [known[number] for number in np.sort(drawn).tolist()]


def made_lists(pipeline: Pipeline, header: Header, users: Sequence[str]) -> list[MadeList]:
    """After a refresh at the end, in the order of their names."""
    pipeline.refresh()
    length, made = pipeline.settings.lists.length, list[MadeList]()
    for partition, profiles in enumerate(pipeline.profiles):
        mine = [name for name in users if partition_of(name, len(pipeline.profiles)) == partition]
        last, slots = header.ends[partition] - 1, profiles.state.users.find(mine)
        lists = pipeline.lists(partition, slots, profiles.state.ts, length, last)
        version = at(header.generation, last)
        made += [
            MadeList(name, version, x.items, x.scores, x.why, x.explore) for name, x in zip(mine, lists, strict=True)
        ]
    return sorted(made, key=lambda one: one.user_id)


def compared(made: Sequence[MadeList], keys: Keys, read: Read) -> Comparison:
    """A user counts once: as differing if anything of their list does."""
    found = Comparison()
    standing = read([keys.rec(one.user_id) for one in made])
    for one, raw in zip(made, standing, strict=True):
        key = keys.rec(one.user_id)
        if raw is None:
            found.missing(key)
        else:
            view = decode_view(raw)
            what = next((name for name in COMPARED if getattr(one, name) != getattr(view, name)), "items")
            found.same(f"{key} {what}", getattr(one, what), getattr(view, what))
    return found
