"""What nearly every request is, answered by the short way: a user with a list that is long enough, of whom nothing
else is known, and wishes that leave the order to us.

It is the way of :mod:`choosing`, taken by one kernel, and gives the answer that that gives; where anything has to be
waited for or looked at beyond that, there is none, and the request goes the whole way.
"""

from services.reader.answering.choosing import BEST
from services.reader.answering.discovering import drawn, give_places
from services.reader.answering.offers import FIRST, Offers, Present
from services.reader.answering.people import Stored
from services.reader.answering.pool import PERSONAL, ROUNDED, Chosen, own_scores
from services.reader.answering.rule_file import Rules
from services.reader.asked.asking import Ask
from services.reader.store.held import Held
from services.reader.store.reading import Listed, Unreadable, codes_at, read_ids, read_listed
from shared.contracts.settings import Settings
from shared.contracts.views import ALL, SCORE_DIGITS, Keys
from shared.core.answers.arrangement import BLOCK
from shared.core.answers.at_once import MOST_RECENT, arranged_at_once
from shared.core.answers.exploration import seed
from shared.core.answers.fusion import TREND, trending_weight
from shared.core.answers.mixed_at_once import Blend, mixed_at_once
from shared.core.answers.rules import NOTHING
from shared.core.answers.selection import Wanted, kept
from shared.core.kernel import Ints
from shared.core.tables.interning import order_key

NOTHING_MET = b"[]"


class AtOnce:
    """Answers without waiting."""

    def __init__(self, settings: Settings, held: Held, rules: Rules, offers: Offers) -> None:
        self._rerank = settings.rerank
        self._reader = settings.reader
        self._new = Keys(settings).new(ALL)
        self._held = held
        self._columns = held.catalogue.columns
        self._rules = rules
        self._offers = offers

    def chosen(self, user: str, ask: Ask, stored: Stored) -> Chosen | None:
        """None: not by this way."""
        raw, why = stored.listed
        if raw is None or why or stored.words[0] or stored.batch[0] or not ask.plain or self._rerank.popularity_bias:
            return None
        if ask.n > BLOCK:
            return None
        present = self._offers.present()
        now = present.moment
        if self._columns.told_of(ask.market) or self._rules.book.holding(ask.surface, ask.context, now) is not NOTHING:
            return None
        try:
            listed = read_listed(raw)
            found = self._found(listed, ask, present) if _alone(listed) else None
            return found if found is None or self._explored(found, listed, user, ask.n, now) else None
        except Unreadable:
            return None  # which the whole way tells

    def _found(self, listed: Listed, ask: Ask, present: Present) -> Chosen | None:
        """As stored while that is fresh; else mixed with what trends, if there is nothing to rank it anew from."""
        diversity = self._rerank.diversity if ask.diversity is None else ask.diversity
        if not self._columns.tells_kinds:
            diversity = 0.0
        candidates = max(ask.n, BEST)
        age, now = present.now - listed.ts, present.moment
        if age <= self._reader.fresh_ms:
            return self._stored(listed, ask.n, now, candidates, diversity)
        if listed.newest or bytes(listed.recent) != NOTHING_MET:
            return None
        weight = trending_weight(age, self._reader)
        return self._mixed(listed, weight, ask.n, now, candidates, diversity) if weight else None

    def _stored(self, listed: Listed, n: int, now: int, candidates: int, diversity: float) -> Chosen | None:
        met = listed.seen if listed.newest else listed.recent
        most = min(listed.newest or MOST_RECENT, MOST_RECENT)
        size, arranged = arranged_at_once(listed.items, met, most, self._columns, now, candidates, n, diversity)
        if size != len(listed.scores):
            return None
        at, slots, ranked = arranged
        places, scores = at.tolist(), listed.scores
        shown = own_scores([scores[place] for place in places]) if ranked else ROUNDED[: len(places)]
        return self._shown(listed, slots, shown, places)

    def _mixed(
        self, listed: Listed, weight: float, n: int, now: int, candidates: int, diversity: float
    ) -> Chosen | None:
        blend = Blend(weight, max(n, FIRST), candidates)
        size, arranged, places, scores = mixed_at_once(
            listed.items, listed.seen, self._held.trending.texts(), self._columns, blend, now, n, diversity
        )
        if size != len(listed.scores):
            return None
        at, slots, ranked = arranged
        shown = [round(score, SCORE_DIGITS) for score in scores[at].tolist()] if ranked else ROUNDED[: len(at)]
        return self._shown(listed, slots, shown, places[at].tolist())

    def _shown(self, listed: Listed, slots: Ints, scores: list[float], places: list[int]) -> Chosen | None:
        """``places`` in the list; below 0: trending has it."""
        if not places:
            return None
        names = self._columns.names
        why = codes_at(listed, places, TREND)
        return Chosen(PERSONAL, listed, [names[slot] for slot in slots.tolist()], scores, why)

    def _explored(self, found: Chosen, listed: Listed, user: str, n: int, now: int) -> bool:
        """Whether what is to be explored was at hand."""
        share = self._rerank.exploration
        if not share:
            return True
        listing = self._held.at_hand(self._new)
        if listing is None:
            return False
        new = listing.view.items if listing.view is not None else []
        if not new and not listed.explore:
            return True
        drawn_by = seed(order_key(user), now, self._rerank.stable_ms)
        seen = frozenset(read_ids(listed.seen))
        given = drawn(found, new, share, drawn_by, lambda item: item not in seen)
        if given:
            items = [item for _, item in given]
            slots = self._held.catalogue.known(items)
            if slots is None:
                return False
            shown = self._columns.slots(found.items)
            left = kept(items, slots, self._columns, Wanted(now=now), self._rules.book, len(items), shown)
            give_places(found, given, left, n)
        return True


def _alone(listed: Listed) -> bool:
    """Whether the list is all that there is of the user."""
    told = listed.liked or listed.avoided or listed.sessions
    return not told and listed.visits > 0 and listed.source == PERSONAL
