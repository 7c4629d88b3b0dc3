"""The popular give way to the less popular."""

from shared.core.kernel import Floats


def factors(popular: Floats, bias: float) -> Floats:
    """What the relevance of each item is multiplied by: float64[m], 1 - ``bias`` for the most popular, 1 for the rest.

    ``popular`` float64[m], 0 … 1: the weight of an item's rank among the popular
    (:data:`shared.core.answers.fusion.RANK_SCORES`), 0 for one that is not among them.
    """
    kept: Floats = 1.0 - bias * popular
    return kept
