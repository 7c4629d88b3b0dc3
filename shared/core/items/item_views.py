"""What an items partition says of an item: its neighbours, for apps and for whoever ranks, and its numbers."""

import numpy as np

from shared.contracts.rank_views import PACK
from shared.contracts.views import ENCODER, SCORE_DIGITS
from shared.core.items.content import Alike
from shared.core.items.cooccurrence import NO_ROW, NeighbourRows
from shared.core.items.item_texts import FlatRows, Numbers, row_texts, stat_texts
from shared.core.items.items import Items
from shared.core.items.row_scores import Scored, best_neighbours, row_scores
from shared.core.items.said import BySlot, SaidRows, SaidStats
from shared.core.items.similar import add_alike, places_for_alike
from shared.core.kernel import Flags, Floats, Ints
from shared.core.tables.interning import Interner
from shared.core.texts.encoded_ids import EncodedIds
from shared.core.texts.list_texts import Columns, head, list_texts

Named = list[tuple[str, bytes]]
"""An item and its view."""


class ItemTexts:
    """Ids of a partition's items as they stand in views."""

    def __init__(self, table: Interner) -> None:
        self.json = EncodedIds(table, ENCODER.encode)
        self.packed = EncodedIds(table, PACK.encode)


class ItemViews:
    """Says it as of the last delta; changes nothing."""

    def __init__(self, items: Items, half_lives: dict[str, int]) -> None:
        self._items = items
        self._ladder = len(half_lives)
        self._names = items.items.names

    def rows(self, slots: Ints, version: str, texts: ItemTexts) -> tuple[Named, Named]:
        """``sim:`` and ``row:`` views of known items. O(items · (K + members))."""
        held, said = self._scored(slots, self._items.rows)
        like, likeness, alike_lengths = alike_to = self._items.alike(slots)
        names = [self._names[slot] for slot in slots.tolist()]
        similar = self._similar(slots, self._best(held, said, alike_to), names, version, texts.json)
        lengths = np.zeros(len(slots), dtype=np.int32)
        lengths[held] = said.lengths
        told = _told(like, alike_lengths)
        rows = FlatRows(
            slots, lengths, said.mentioned[said.others], said.scores.astype(np.float32),
            alike_lengths, like[told], likeness[told].astype(np.float32),
        )  # fmt: skip
        made = row_texts(version, self._items.ts, rows, texts.packed)
        return list(zip(names, similar, strict=True)), list(zip(names, made, strict=True))

    def said_rows(self, asked: Ints, slots: Ints) -> SaidRows:
        """What the ``row:`` views say of the neighbours of known items, ``asked`` for under other slots."""
        held, said = self._scored(slots, self._items.rows)
        who = BySlot(self._items.items, said.mentioned)
        return SaidRows(asked[held], said.lengths, who, said.others, said.scores.astype(np.float32))

    def said_likes(self, asked: Ints, slots: Ints) -> SaidRows:
        """The same of what the catalogue says is like them."""
        like, likeness, lengths = self._items.alike(slots)
        told = _told(like, lengths)
        others = np.arange(lengths.sum(), dtype=np.int32)
        who = BySlot(self._items.items, like[told])
        return SaidRows(asked, lengths, who, others, likeness[told].astype(np.float32)[:, None])

    def _scored(self, slots: Ints, rows: NeighbourRows) -> tuple[Flags, Scored]:
        """Which of these items have a row, and what it says."""
        held = rows.row_of[slots] != NO_ROW
        items = self._items
        return held, row_scores(
            rows, slots[held], items.ts, lambda met: items.counters.counts_beyond(met, self._ladder, items.ts)
        )

    def _best(self, held: Flags, said: Scored, alike_to: Alike) -> tuple[Ints, Floats, Ints]:
        """Of each its neighbours and what is like it, as apps see them."""
        items, published = self._items, self._items.rows.rules.published
        others: Ints = np.full((len(held), published), -1, dtype=np.int32)
        scores: Floats = np.zeros((len(held), published))
        lengths: Ints = np.zeros(len(held), dtype=np.int32)
        others[held], scores[held], lengths[held] = best_neighbours(said, published, items.items.keys)
        taken = np.zeros(alike_to[0].shape[1], dtype=np.bool_)
        add_alike(others, scores, lengths, *alike_to, items.facts.last_ts, places_for_alike(published), taken)
        return others, scores, lengths

    def _similar(
        self, slots: Ints, best: tuple[Ints, Floats, Ints], names: list[str], version: str, ids: EncodedIds
    ) -> list[bytes]:
        others, scores, lengths = best
        none, no = np.empty((len(slots), 0), dtype=np.int32), np.zeros(len(slots), dtype=np.int32)
        ts = np.full(len(slots), self._items.ts, dtype=np.int64)
        columns = Columns(others, lengths, scores, none, none, none, none, no, ts)
        bought = self._bought(slots)
        own, opening = list[bytes](), head(version)
        for slot, name in zip(slots.tolist(), names, strict=True):
            also = bought.get(slot)
            told = b',"bought":' + ENCODER.encode(also) if also else b""
            own += (opening, b',"item_id":' + ENCODER.encode(name), b"", told)
        return list_texts("similar", "cooc-1", columns, own, ids, SCORE_DIGITS)

    def _bought(self, slots: Ints) -> dict[int, list[tuple[str, float]]]:
        """By slot what the same users bought, best first, where anything was."""
        rows = self._items.bought
        held, said = self._scored(slots, rows)
        if not held.any():
            return {}
        others, scores, lengths = best_neighbours(said, rows.rules.published, self._items.items.keys)
        columns = (slots[held].tolist(), others.tolist(), np.round(scores, SCORE_DIGITS).tolist(), lengths.tolist())
        return {
            slot: [(self._names[other], score) for other, score in zip(row[:length], told[:length], strict=True)]
            for slot, row, told, length in zip(*columns, strict=True)
        }

    def stats(self, slots: Ints, version: str, texts: ItemTexts) -> Named:
        """``stat:`` views of known items. O(items · half-lives)."""
        facts = self._items.facts
        numbers = Numbers(
            slots,
            self._items.counters.counts_within(slots, self._ladder, self._items.ts),
            facts.first_ts[slots],
            facts.last_ts[slots],
            facts.category[slots],
            facts.brand[slots],
            facts.log_price[slots].view(np.uint64),
        )
        made = stat_texts(version, self._items.ts, numbers, texts.packed)
        return [(self._names[slot], text) for slot, text in zip(slots.tolist(), made, strict=True)]

    def said_stats(self, asked: Ints, slots: Ints) -> SaidStats:
        """What they say of known items, ``asked`` for under other slots."""
        facts = self._items.facts
        return SaidStats(
            asked,
            np.full(len(slots), self._items.ts, dtype=np.int64),
            self._items.counters.counts_within(slots, self._ladder, self._items.ts),
            facts.first_ts[slots],
            facts.last_ts[slots],
            facts.category[slots],
            facts.brand[slots],
            facts.log_price[slots],
        )


def _told(like: Ints, lengths: Ints) -> Flags:
    """Which places of the rows are filled."""
    told: Flags = np.arange(like.shape[1]) < lengths[:, None]
    return told
