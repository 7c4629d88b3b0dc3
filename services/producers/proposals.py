"""What to do with a log, by what is in it: command lines, and settings that its figures speak for."""

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from shared.contracts.event_types import Meaning
from shared.contracts.settings import Settings

MANY_REPEATS = 0.3  # share of repeated items at which people take things again
PARTLY = 1.25  # partitions are not filled evenly


def commands(
    files: Sequence[str],
    items: str | None,
    options: Sequence[str],
    words: Mapping[str, int],
    columns: Sequence[str] = (),
) -> list[str]:
    """The way to going live, in order; ``options`` are those by which the log was understood, ``columns`` those of the
    catalogue, ``words`` those of the log's type column that nobody knows.
    """
    mapped = [part for word in words for part in ("--map-type", f"{word}=TYPE")]
    log, more = shlex.join(files), shlex.join([*options, *mapped])
    replayed = f"headrace replay {log}{' ' + more if more else ''} --event-ids"
    tried = shlex.join(["headrace", "evaluate", *files, *(("--items", items, *columns) if items else ()), *options])
    if items is None:
        return [replayed, tried]
    return [shlex.join(["headrace", "import-items", items, *columns]), f"{replayed} --no-derive-items", tried]


def settings_for(figures: Mapping[str, Any], settings: Settings) -> list[str]:
    """``VARIABLE=value: why`` for each setting that the log does not fit."""
    found = []
    users = int(figures["users"] / settings.topics.frames_partitions * PARTLY)
    if users > settings.profiles.max_users:
        found.append(
            f"HEADRACE_PROFILES_MAX_USERS={_round(users)}: {figures['users']:,} users, else the longest unseen go"
        )
    if figures["items"] > settings.profiles.max_items:
        found.append(f"HEADRACE_PROFILES_MAX_ITEMS={_round(figures['items'])}: so many items are in the log")
    items = int(figures["items"] / settings.topics.items_partitions * PARTLY)
    if items > settings.cooccurrence.max_items:
        found.append(f"HEADRACE_COOCCURRENCE_MAX_ITEMS={_round(items)}: {figures['items']:,} items have neighbours")
    if figures["items"] > settings.reader.catalogue_items:
        found.append(f"HEADRACE_READER_CATALOGUE_ITEMS={_round(figures['items'])}: what readers hold of the catalogue")
    share, what = _taken_again(figures, settings)
    if share > MANY_REPEATS and not settings.lists.repeats:
        found.append(f"HEADRACE_LISTS_REPEATS=true: {share:.0%} of {what} are of an item that the user had before")
    if figures["most_events_in_a_minute"] > settings.profiles.max_events_per_minute:
        found.append(
            f"HEADRACE_PROFILES_MAX_EVENTS_PER_MINUTE={figures['most_events_in_a_minute']}: a user has so many; "
            "more than the setting is taken for a bot"
        )
    return found


def _taken_again(figures: Mapping[str, Any], settings: Settings) -> tuple[float, str]:
    """The share of repeats, and of what: of takings where the log has any, since whoever looks at an item twice and
    then buys it need not take it again.
    """
    types, shares = settings.events.types, figures["repeated_by_type"]
    taken = {name: n for name, n in figures["types"].items() if types[name].meaning is Meaning.OWN}
    if not taken:
        return figures["repeated_items_share"] or 0.0, "events"
    return sum(n * (shares[name] or 0.0) for name, n in taken.items()) / sum(taken.values()), " and ".join(taken)


def _round(number: int) -> int:
    """Up to two digits that matter."""
    step: int = 10 ** max(len(str(number)) - 2, 0)
    return -(-number // step) * step
