"""What other shops call the event types: their words → ours."""

from collections.abc import Collection, Mapping
from typing import Any

ALIASES: dict[str, str] = {
    word: ours
    for ours, words in {
        "view": "views viewed pv pageview productview productviewed viewitem viewproduct detail detailview browse "
        "read watch watched play played listen stream open visit page_view view_item item_view impression_view",
        "click": "clicks clicked clickout clickitem productclick clickthrough tap select_item selectitem",
        "cart": "carts addtocart add2cart addcart cartadd addedtocart basket addtobasket atc productadded",
        "favorite": "fav favs favorites favourite favourites wishlist addtowishlist addtofavorites save saved bookmark "
        "star starred collect",
        "like": "likes liked thumbsup upvote heart love recommend follow",
        "dislike": "dislikes disliked thumbsdown downvote",
        "rating": "rate rated ratings score scored review reviewed",
        "purchase": "purchases purchased buy buys bought order orders ordered transaction transactions checkout sale "
        "sold pay paid payment conversion orderplaced ordercompleted booking booked rent rented borrow",
        "return": "returns returned refund refunded cancel cancelled cancellation",
        "hide": "hidden notinterested block",
        "skip": "skips skipped",
        "search": "searches searched query",
        "dwell": "dwelltime readtime",
    }.items()
    for word in words.replace("_", "").split()
}
BEHAVIOUR_CODES = {"1": "view", "2": "favorite", "3": "cart", "4": "purchase"}  # Tianchi's numbered behaviours


def plain(word: Any) -> str:
    """Lower case, letters and digits only: ``Add-To-Cart`` → ``addtocart``."""
    return "".join(c for c in str(word).lower() if c.isalnum())


class TypeNames:
    """The event type behind a word of the log; None where nobody knows it. ``extra`` is the user's own mapping."""

    def __init__(self, known: Collection[str], extra: Mapping[str, str], *, numbered: bool = False) -> None:
        self._known = {plain(name): name for name in known}
        self._extra = {plain(word): name for word, name in extra.items()}
        self._numbered = numbered
        self._cache: dict[Any, str | None] = {}

    def __call__(self, word: Any) -> str | None:
        try:
            return self._cache[word]
        except KeyError:
            found = self._look_up(plain(word))
            if len(self._cache) < 1000:
                self._cache[word] = found
            return found
        except TypeError:
            return None  # a list or an object is no word

    def _look_up(self, word: str) -> str | None:
        if word in self._extra:
            return self._extra[word]
        if word in self._known:
            return self._known[word]
        ours = BEHAVIOUR_CODES.get(word) if self._numbered else None
        ours = ours or ALIASES.get(word)
        return ours if ours in self._known.values() else None
