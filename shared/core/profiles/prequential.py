"""Live quality: was the item that came next in the list that stood published then? (Prequential hit rate at 20.)"""

import numpy as np

from shared.core.kernel import Ints, Keys, kernel
from shared.core.profiles.profiles import Tries
from shared.core.tables.interning import grown

DEPTH = 20


class PublishedLists:
    """Digests of the first 20 items of each user's published list, by the user slots of one frames partition."""

    def __init__(self) -> None:
        self._keys: Keys = np.zeros((1024, DEPTH), dtype=np.uint64)

    def put(self, users: Ints, keys: Keys, lengths: Ints) -> None:
        """The lists that now stand for the users: ``keys`` uint64[users, any], of which ``lengths`` count; an empty one
        clears it.
        """
        while len(users) and users.max() >= len(self._keys):
            self._keys = grown(self._keys, 2 * len(self._keys))
        width = min(DEPTH, keys.shape[1])
        self._keys[users] = 0
        self._keys[users, :width] = np.where(np.arange(width) < lengths[:, None], keys[:, :width], 0)

    def hits(self, tries: Tries, popular: Keys) -> tuple[int, int, int]:
        """(tries by users who have a list, hits of their list, hits of ``popular``)."""
        if not len(tries.user):
            return 0, 0, 0
        return count_hits(tries.user, tries.item_key, self._keys, popular[:DEPTH])


@kernel
def count_hits(users: np.ndarray, item_keys: Keys, published: Keys, popular: Keys) -> tuple[int, int, int]:
    """Counts over the rows; a user without a list has a zero in the first place."""
    tried = hit = popular_hit = 0
    for row in range(len(users)):
        user = users[row]
        if user >= len(published) or published[user, 0] == 0:
            continue
        tried += 1
        for place in range(published.shape[1]):
            if published[user, place] == item_keys[row]:
                hit += 1
                break
        for place in range(len(popular)):
            if popular[place] == item_keys[row]:
                popular_hit += 1
                break
    return tried, hit, popular_hit
