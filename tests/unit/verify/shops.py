"""A shop of some weeks in memory, and what `headrace verify` finds in it."""

import random
from collections import Counter

from services.verify.run import compare_folds
from services.verify.shop import Findings
from shared.contracts.catalogue import ENCODER, ItemRecord
from shared.contracts.routing import partition_of
from shared.contracts.settings import Settings, load_settings
from shared.contracts.topics import BATCH_LIST
from tests.unit.core.frame_rows import Row, frame_of
from tests.unit.verify.worker import Worker

SETTINGS = load_settings(topics={"frames_partitions": 2, "items_partitions": 2})
ROWS = 60
BATCH_LISTS = [
    ("eve", b'{"user_id":"eve","items":["i1","i2"]}'),
    ("ann", b'{"user_id":"ann","items":["i9"],"ts":4}'),
    ("ann", b'{"user_id":"ann","items":["i1","i2","i1","i3"],"scores":[0.5,0.5,2,-1],"ts":5}'),
    ("ann", b'{"user_id":"ann","items":[]}'),
    ("bob", b'{"user_id":"bob","items":["i4","i5","i4","i6"]}'),
    ("eve", b""),
    ("dan", b'{"user_id":"bob","items":["i7"]}'),
]
"""Two lists stand: who is bad says nothing, who is empty takes away."""


def shop_of(seed: int, turns: int, settings: Settings = SETTINGS) -> Worker:
    """A worker that has lived through a few weeks of a shop of 600 items, everything published."""
    draw, worker, offsets = random.Random(seed), Worker(settings), Counter[int]()
    for turn in range(turns):
        rows = [_row(draw, 500.0 * turn) for _ in range(ROWS)]
        frames = []
        for partition in range(2):
            mine = [row for row in rows if row.user is None or partition_of(row.user, 2) == partition]
            frames.append((partition, frame_of(mine, first_offset=offsets[partition], partition=partition)))
            offsets[partition] += len(mine)
        worker.turn_of(frames)  # what they change is packed together
    for user, record in BATCH_LISTS:
        worker.log.produce(worker.ports.topic(BATCH_LIST), record, partition=0, key=user.encode())
    worker.refresh()
    return worker


def _row(draw: random.Random, minutes: float) -> Row:
    if draw.random() < 0.8:
        item = f"i{min(599, int(draw.paretovariate(0.5)))}"
        kind = draw.choice(["view"] * 5 + ["purchase", "return", "hide"])
        device = draw.choice([None, b'{"device":"tv","country":"NO"}', b'{"device":"phone"}'])
        at = max(0.0, minutes + draw.gauss(0, 400))
        return Row(f"u{draw.randrange(40)}", item, at=at, kind=kind, context=device)
    item = f"i{draw.randrange(700)}"
    if draw.random() < 0.1:
        return Row(None, item, kind="item")
    record = ItemRecord(
        item_id=item,
        categories=draw.choice([[], ["hats"], ["boats"], ["hats", "boats"]]),
        brand=draw.choice([None, "acme", "best"]),
        price=draw.choice([None, 4.5, 12.0, 100 * draw.random()]),
        available=draw.random() < 0.9,
        repeatable=draw.random() < 0.3,
        embedding=draw.choice([[], [draw.gauss(0, 1) for _ in range(8)]]),
        near=[] if draw.random() < 0.5 else [f"i{n}" for n in draw.sample(range(750), 20) if f"i{n}" != item],
    )
    return Row(None, item, kind="item", record=ENCODER.encode(record))


def found_in(worker: Worker) -> Findings:
    shop = worker.shop()
    compare_folds(shop, lambda _: None)
    return shop.findings


def differing(worker: Worker) -> set[str]:
    return {name for name, part in found_in(worker).parts.items() if part.differing}


def under(worker: Worker, prefix: str) -> dict[str, bytes]:
    return {key: raw for key, raw in worker.views.held.items() if key.startswith(prefix)}
