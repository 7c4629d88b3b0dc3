"""Who asks: the stored list, guests' lists that are theirs too, and what they told a moment ago."""

from typing import NamedTuple

from services.reader.store.held import Held, Read
from services.reader.store.reading import Unreadable, read_view
from shared.contracts.identity import SESSION_PREFIX, pseudonym
from shared.contracts.settings import Settings
from shared.contracts.told import decode_words
from shared.contracts.views import Keys, View
from shared.core.joining import Person, person

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
        name, words = stored.name, stored.words[0]
        view, why = decoded(*stored.listed)
        batch, _ = decoded(stored.batch[0], "")
        sessions = [] if view is None else view.sessions[-MOST_GUESTS:]
        if session is not None:
            sessions = [*sessions, pseudonym(session, self._identity)][-MOST_GUESTS:]
        guests = [guest for one in sessions if (guest := await self._guest(one, name)) is not None]
        if not words and not guests and (view is None or not (view.liked or view.avoided)):
            return Known(Person(view, batch=batch), why)
        return Known(person(view, guests, decode_words(words) if words else (), batch), why)

    async def _guest(self, session: str, user: str) -> View | None:
        name = f"{SESSION_PREFIX}{session}"
        if name == user:
            return None
        raw, why = await self._held.list_of(self._keys.rec(name))
        return decoded(raw, why)[0]


def decoded(raw: bytes | None, why: str) -> tuple[View | None, str]:
    """The view, if it is one, and why not."""
    if raw is None:
        return None, why
    try:
        return read_view(raw), why
    except Unreadable:
        return None, "unreadable"
