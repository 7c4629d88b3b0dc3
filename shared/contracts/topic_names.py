"""Which names a team may give to the topics of its event types."""

import re

LEGAL_TOPIC = re.compile(r"(?!\.{1,2}$|__)[a-zA-Z0-9._-]{1,200}")  # two underscores: Kafka's own
RESERVED_TOPICS = {
    "frames", "item-deltas", "tops", "examples", "state.profiles", "state.items", "state.learner", "dead-letter",
    "skips", "raw-ids", "impression", "item", "user", "batch-list",
}  # fmt: skip
INNER_TOPICS = RESERVED_TOPICS - {"item", "user", "impression"}
BEGINNINGS = ("item-deltas.", "tops.", "state.")
"""Of names that have more parts: of later generations, and of saved states."""
OF_A_TENANT = re.compile(r"[a-z0-9-]{1,32}\.(.+)")


def is_legal(topic: str) -> bool:
    """To Kafka."""
    return LEGAL_TOPIC.fullmatch(topic) is not None


def told_apart(topic: str) -> str:
    """The same of two names that are one to Kafka, which makes no difference between ``.`` and ``_``."""
    return topic.replace("_", ".")


def is_reserved(topic: str) -> bool:
    """Whether it is Headrace's own, in whichever generation, or one that a tenant's workers read as their own."""
    of_a_tenant = OF_A_TENANT.match(topic)
    return _is_ours(topic, RESERVED_TOPICS) or (of_a_tenant is not None and _is_ours(of_a_tenant[1], INNER_TOPICS))


def _is_ours(topic: str, names: set[str]) -> bool:
    topic = told_apart(topic)
    return topic in names or topic.startswith(BEGINNINGS)
