"""What is true of a storefront, for who wants to compare: written down after its events are through."""

from typing import Any

from services.producers.simulator.names import CATEGORIES, STYLES
from services.producers.simulator.stream import Storefront
from services.producers.simulator.world import item_id, user_id

FAVOURITES = 3


def truth(front: Storefront) -> dict[str, Any]:
    """Parameters and counts; items with what is like them and goes with them; tastes as they are at the end; bursts."""
    p, items, users = front.parameters, front.world.items, front.world.users
    favourites = (-users.taste - front.world.category_taste).argsort(axis=1, kind="stable")[:, :FAVOURITES].tolist()
    return {
        "seed": p.seed,
        "start_ms": p.start_ms,
        "end_ms": p.end_ms,
        "counts": dict(front.counts),
        "items": {
            item_id(n): {
                "title": items.titles[n],
                "category": CATEGORIES[items.category[n]].name,
                "style": STYLES[items.style[n]],
                "born": int(items.born[n]),
                "similar": [item_id(other) for other in items.similar[n].tolist()],
                "goes_with": [item_id(other) for other in items.complements[n].tolist()],
            }
            for n in range(p.items)
        },
        "users": {
            user_id(n): {"style": STYLES[users.style[n]], "favourites": [CATEGORIES[c].name for c in favourites[n]]}
            for n in range(p.users)
        },
        "bursts": [
            {"start": b.start, "end": b.end, "item": item_id(b.item) if b.item >= 0 else None,
             "category": CATEGORIES[b.category].name}
            for b in front.world.bursts
        ],
    }  # fmt: skip
