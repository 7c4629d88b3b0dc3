"""Who asks: the stored list, guests' lists that are theirs too, and what they told a moment ago."""

from typing import NamedTuple

from services.reader.store.held import Held, Read
from services.reader.store.reading import Unreadable, read_view
from shared.contracts.identity import SESSION_PREFIX, pseudonym
from shared.contracts.settings import Settings
from shared.contracts.told import decode_words
from shared.contracts.views import Keys, View
from shared.core.answers.joining import Person, person

MOST_GUESTS = 2  # sessions that are joined: the last that the user was told to be, and the one of this request


class Known(NamedTuple):
    """A person, and why what is known of them is only the last known (empty: it is current)."""

    person: Person
    why: str


class Stored(NamedTuple):
    """What Redis has of a user by their ``name`` there: the list, words of a moment ago, the list of a batch model."""

    name: str
    listed: Read
    words: Read
    batch: Read


class People:
    """Found by what Redis has of them."""

    def __init__(self, settings: Settings, held: Held) -> None:
        self._keys = Keys(settings)
        self._identity = settings.identity
        self._held = held

    async def known(self, user: str, session: str | None) -> Known:
        """What is known of a user, a request's session joined."""
        return await self.joined(await self.stored(user), session)

    async def stored(self, user: str) -> Stored:
        """Asked for at once."""
        name, keys = pseudonym(user, self._identity), self._keys
        return Stored(name, *await self._held.lists_of(keys.rec(name), keys.told(name), keys.batch(name)))

    async def joined(self, stored: Stored, session: str | None) -> Known:
        """Read, and joined with what sessions have."""
        name = stored.name
        view, why = decoded(*stored.listed)
        batch, _ = decoded(stored.batch[0], "")
        sessions = [] if view is None else view.sessions
        if session is not None:
            this = pseudonym(session, self._identity)
            sessions = [*(one for one in sessions if one != this), this]
        found = [await self._guest(one) for one in sessions[-MOST_GUESTS:] if f"{SESSION_PREFIX}{one}" != name]
        guests = [guest for guest, _ in found if guest is not None]
        words = [word for raw in (*(told for _, told in found), stored.words[0]) if raw for word in decode_words(raw)]
        if not words and not guests and (view is None or not (view.liked or view.avoided)):
            return Known(Person(view, batch=batch), why)
        return Known(person(view, guests, words, batch), why)

    async def _guest(self, session: str) -> tuple[View | None, bytes | None]:
        """A session's list, and words of a moment ago."""
        name, keys = f"{SESSION_PREFIX}{session}", self._keys
        listed, words = await self._held.lists_of(keys.rec(name), keys.told(name))
        return decoded(*listed)[0], words[0]


def decoded(raw: bytes | None, why: str) -> tuple[View | None, str]:
    """The view, if it is one, and why not."""
    if raw is None:
        return None, why
    try:
        return read_view(raw), why
    except Unreadable:
        return None, "unreadable"
