"""What the items step does beyond its own state and marks."""

from dataclasses import dataclass, field

from shared.contracts.deltas import Availability


@dataclass
class ItemEffects:
    """What a delta did beyond the dirty marks: items that the catalogue lost, availability to tell, and items of this
    partition that are held no longer.
    """

    removed: list[str]
    availability: list[Availability]
    evicted: list[str] = field(default_factory=list)
    repeated: bool = False
