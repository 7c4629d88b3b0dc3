"""Has the kernels of answers compiled (or read from numba's cache) before the first request: they run on the loop that
all requests share, which would stand still for half a minute.
"""

from shared.contracts.rules import RuleFile
from shared.contracts.sections import RerankSettings
from shared.contracts.views import ENCODER, VIEW_VERSION, ItemView
from shared.core.answers.arrangement import Candidates, arranged
from shared.core.answers.at_once import arranged_at_once
from shared.core.answers.catalogue_columns import CatalogueColumns
from shared.core.answers.catalogue_entry import entry_of
from shared.core.answers.mixed_at_once import Blend, mixed_at_once, trending_texts
from shared.core.answers.rules import RuleBook
from shared.core.answers.selection import Wanted, kept
from shared.core.arithmetic.draws import draws

ITEMS = ("a", "b", "c")


def compile_reading() -> None:
    """A few items are judged and put in an order; nothing of it is kept."""
    columns = CatalogueColumns()
    for item in ITEMS:
        columns.put(item, entry_of(ItemView(VIEW_VERSION, "", item, categories=["hats"], brand="red")))
    slots, book = columns.slots(ITEMS), RuleBook(RuleFile())
    left = kept(ITEMS, slots, columns, Wanted(now=1), book, len(ITEMS))
    given = Candidates(left.slots, weights=left.factors, recent=slots[:1])
    draws(0, slots)
    arranged(given, columns.kinds, RerankSettings(), 0.5, len(ITEMS))
    text = ENCODER.encode(ITEMS)
    arranged_at_once(text, text, 1, columns, 1, len(ITEMS), len(ITEMS), 0.5)
    mixed_at_once(text, text, trending_texts(ITEMS), columns, Blend(0.5, len(ITEMS), len(ITEMS)), 1, len(ITEMS), 0.5)
