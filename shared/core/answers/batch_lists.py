"""A list of ours blended with the one that a team's own batch model made for the same user. Pure."""

from collections.abc import Set as AbstractSet

import msgspec

from shared.contracts.batch import SOURCE
from shared.contracts.views import View
from shared.core.answers.fusion import fuse, ranking


def with_batch(view: View, batch: View, weight: float, barred: AbstractSet[str], n: int) -> View:
    """The ``n`` best of both, by the scores of their ranks; the batch list weighs ``weight`` of 1.

    An item of both gets both scores and keeps its reason; what only the batch list has says ``batch``. Of ``barred``
    and of ``view.seen`` nothing is added. At weight 0 the list keeps its order and the batch list only fills it up. All
    else of the view stays. O(items of both · log).
    """
    wanted = ranking(item for item in batch.items if item not in barred)
    blended = fuse(view, wanted, weight, frozenset(), n, reason=SOURCE)
    return msgspec.structs.replace(view, items=blended.items, scores=blended.scores, why=blended.why)
