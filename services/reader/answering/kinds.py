"""Of what is near an item: what may stand for it (substitutes), and what goes with it (complements)."""

from services.reader.answering.offers import Offer, columns_of
from services.reader.asked.asking import SUBSTITUTES
from services.reader.store.catalogue import Catalogue
from shared.contracts.views import View
from shared.core.answers.catalogue_columns import Test
from shared.core.answers.fusion import Picked

SIMILAR = "similar"
BOUGHT = "bought"
MET = "cooc"
"""Why something is near an item: both were met together, or are alike."""
Kind = tuple[list[Offer], Test | None]
"""Lists, the best first, and what an item of them must be."""


async def of_kind(catalogue: Catalogue, item: str, view: View, kind: str) -> Kind:
    """Substitutes share the item's narrowest category. Complements are what the same users bought, then what is
    met with it elsewhere. Of an item without a category there is only what was bought.
    """
    [entry] = await catalogue.entries([item])
    narrowest = entry.view.categories[-1] if entry is not None and entry.view.categories else None
    met = [] if narrowest is None else [Offer(SIMILAR, view, columns_of(view, MET))]
    if kind == SUBSTITUTES:
        return met, lambda other, _: narrowest in other.view.categories
    if not view.bought:
        return met, lambda other, _: narrowest not in other.view.categories
    items, scores = [other for other, _ in view.bought], [score for _, score in view.bought]
    bought = Offer(SIMILAR, view, Picked(items, scores, [BOUGHT] * len(items)))
    if narrowest is None:
        return [bought], None
    named = frozenset(items)
    return [bought, *met], lambda other, _: other.view.item_id in named or narrowest not in other.view.categories
