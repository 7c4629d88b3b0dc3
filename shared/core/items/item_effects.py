"""What the items step does beyond its own state and marks."""

from dataclasses import dataclass, field

from shared.contracts.deltas import Availability


@dataclass
class ItemEffects:
    """What a delta did beyond the dirty marks: items that the shop took out of the catalogue, availability to tell, and
    at the bounds: items of this partition that are held no longer, and those that left the catalogue, ``unlisted``.
    """

    removed: list[str]
    availability: list[Availability]
    evicted: list[str] = field(default_factory=list)
    unlisted: list[str] = field(default_factory=list)
    repeated: bool = False
