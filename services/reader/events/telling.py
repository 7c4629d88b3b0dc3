"""What users tell: an event each in Kafka, where it counts for good, and a word in Redis, where it counts at once."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
import structlog

from services.reader.asked.bodies import Feedback, Preferences
from services.reader.asked.parameters import BadRequest, Parameters
from services.reader.store.views import Views
from services.web.outbox import Accepted, Outbox
from shared.contracts.errors import BadRecord, Unavailable
from shared.contracts.events import Event, encode_event, validate_event
from shared.contracts.identity import SESSION_PREFIX, pseudonym
from shared.contracts.settings import Settings
from shared.contracts.told import MOST_BYTES, TOLD_S, Kind, Word, encode_word
from shared.contracts.views import Keys

OF_CATEGORIES = {Kind.LIKE: Kind.PREFER, Kind.DISLIKE: Kind.AVOID, Kind.HIDE: Kind.AVOID}
"""What a word on an item means when it is said of a category."""
MOST_WORDS = 200  # of one request
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Said:
    """A word, and what goes with it into the event."""

    word: Word
    rec_id: str | None = None
    event_id: str | None = None


class Telling:
    """``clock``: epoch ms."""

    def __init__(self, settings: Settings, views: Views, outbox: Outbox, clock: Callable[[], int]) -> None:
        self._settings = settings
        self._keys = Keys(settings)
        self._check = Parameters(settings)
        self._views = views
        self._outbox = outbox
        self._clock = clock

    async def feedback(self, user: str, given: Sequence[Feedback]) -> list[str]:
        """The ids of the events. Raises :class:`BadRequest`, or ``Busy`` if Kafka did not take them."""
        _check_number(len(given))
        return await self._tell(user, [self._of_feedback(one) for one in given])

    async def preferences(self, user: str, given: Preferences) -> list[str]:
        """The same of answers given at the beginning."""
        _check_number(len(given.liked_items) + len(given.liked_categories) + len(given.avoided_categories))
        words = [Word(Kind.LIKE, self._check.item(item, "liked_items")) for item in given.liked_items]
        words += [Word(Kind.PREFER, self._check.named(c, "liked_categories")) for c in given.liked_categories]
        words += [Word(Kind.AVOID, self._check.named(c, "avoided_categories")) for c in given.avoided_categories]
        return await self._tell(user, [Said(word) for word in words])

    def _of_feedback(self, given: Feedback) -> Said:
        kind = given.kind
        if given.category is not None:
            if given.item_id is not None:
                raise BadRequest("category", "feedback is about an item or about a category, not both")
            kind = OF_CATEGORIES.get(kind, kind)
            if kind not in {Kind.PREFER, Kind.AVOID}:
                raise BadRequest("kind", f"{kind} is said of an item")
            word = Word(kind, self._check.named(given.category, "category"))
        elif given.item_id is None or kind in {Kind.PREFER, Kind.AVOID}:
            field = "category" if kind in {Kind.PREFER, Kind.AVOID} else "item_id"
            raise BadRequest(field, f"{kind} needs {field}")
        else:
            word = Word(kind, self._check.item(given.item_id, "item_id"))
        return Said(word, given.rec_id, given.event_id)

    async def _tell(self, user: str, said: list[Said]) -> list[str]:
        accepted = [self._event(user, one) for one in said]
        await self._outbox.send(accepted)
        words = b"".join(encode_word(one.word) for one in said)
        try:
            key = self._keys.told(pseudonym(user, self._settings.identity))
            await self._views.append(key, words, 2 * MOST_BYTES, TOLD_S)
        except Unavailable:
            log.warning("told_not_kept")  # counts when the write path has it
        return [one.event_id for one in accepted]

    def _event(self, user: str, said: Said) -> Accepted:
        settings, word, now = self._settings, said.word, self._clock()
        kind = settings.events.types.get(word.kind)
        if kind is None:
            raise BadRequest("kind", f"{word.kind} is no event type of this shop: see events.types in the settings")
        of_category = word.kind in {Kind.PREFER, Kind.AVOID}
        guest = user.startswith(SESSION_PREFIX)
        event = Event(
            ts=now,
            user_id=None if guest else user,
            session_id=user.removeprefix(SESSION_PREFIX) if guest else None,
            item_id=None if of_category else word.of,
            event_id=uuid.uuid4().hex if said.event_id is None else said.event_id,
            rec_id=said.rec_id,
            category=word.of if of_category else None,
        )
        try:
            validate_event(event, kind, now, settings.events, settings.identity)
        except BadRecord as error:
            raise BadRequest(error.field or "body", error.detail) from error
        value = encode_event({k: v for k, v in msgspec.structs.asdict(event).items() if v is not None})
        return Accepted(word.kind, str(event.event_id), user.encode(), value)


def _check_number(words: int) -> None:
    """Before any of them is looked at."""
    if not 1 <= words <= MOST_WORDS:
        raise BadRequest("body", f"{words} words; 1 to {MOST_WORDS} are taken at once")
