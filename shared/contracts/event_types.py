"""Which kinds of event there are, and what each one means to the models."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Meaning(StrEnum):
    """What an event of a type says about its user and its item."""

    INTEREST = "interest"  # looked at it, liked it: enters the history, pairs and popularity
    OWN = "own"  # has it now: as interest, and it is not recommended again unless repeatable
    RELEASE = "release"  # gave it back: may be recommended again
    REFUSE = "refuse"  # does not want it: never recommended again, enters nothing
    PREFER = "prefer"  # likes a category: what is shown before there is a history
    AVOID = "avoid"  # wants nothing of a category
    IDENTIFY = "identify"  # the session is this user's: what it did is theirs
    NOTE = "note"  # kept in the log, moves no model yet


CATEGORICAL = frozenset((Meaning.PREFER, Meaning.AVOID))
"""Of a category."""
TOLD = CATEGORICAL | {Meaning.IDENTIFY}
"""What a user says of themselves, rather than of an item."""


class EventType(BaseModel):
    """One event type: its topic (the type's own name unless said), meaning and weight (≥ 0)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    meaning: Meaning = Meaning.INTEREST
    weight: float = Field(default=1.0, ge=0.0, le=1000.0)
    topic: str | None = None
    needs_item: bool = True


def default_event_types() -> dict[str, EventType]:
    """The types that Headrace knows without being told; weights are relative to one view."""
    interest, own = Meaning.INTEREST, Meaning.OWN
    return {
        "view": EventType(meaning=interest, weight=1.0),
        "click": EventType(meaning=interest, weight=1.0),
        "cart": EventType(meaning=interest, weight=2.0),
        "favorite": EventType(meaning=interest, weight=2.0),
        "like": EventType(meaning=interest, weight=2.0),
        "rating": EventType(meaning=own, weight=2.0),
        "purchase": EventType(meaning=own, weight=3.0),
        "dwell": EventType(meaning=interest, weight=0.5),
        "return": EventType(meaning=Meaning.RELEASE, weight=0.0),
        "dislike": EventType(meaning=Meaning.REFUSE, weight=0.0),
        "hide": EventType(meaning=Meaning.REFUSE, weight=0.0),
        "prefer": EventType(meaning=Meaning.PREFER, weight=0.0, needs_item=False),
        "avoid": EventType(meaning=Meaning.AVOID, weight=0.0, needs_item=False),
        "identify": EventType(meaning=Meaning.IDENTIFY, weight=0.0, needs_item=False),
        "skip": EventType(meaning=Meaning.NOTE, weight=0.0),
        "search": EventType(meaning=Meaning.NOTE, weight=0.0, needs_item=False),
    }
