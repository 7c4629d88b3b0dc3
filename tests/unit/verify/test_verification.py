"""`headrace verify` from log to views, over memory: all equal; what is tampered with is found, under its name."""

import json
from collections import Counter
from collections.abc import Callable

import msgspec
import numpy as np
import pytest

from services.verify.batch_check import check_batch_lists
from services.verify.run import compare_folds
from shared.contracts.rank_views import (
    RankerView,
    decode_ranker,
    decode_row,
    decode_stat,
    decode_taste,
    encode_rank_view,
    version_of,
)
from shared.contracts.settings import load_settings
from shared.contracts.topics import BATCH_LIST, EXAMPLES
from shared.contracts.views import AT_LENGTH, AT_START, decode_view, encode_view
from shared.core.learning.learner import Learner
from tests.unit.verify.shops import SETTINGS, differing, found_in, shop_of, under
from tests.unit.verify.worker import Worker

PARTS = {
    "states",
    "frames",
    "lists",
    "deltas",
    "rows",
    "ranking rows",
    "item numbers",
    "tops",
    "items",
    "trending",
    "new",
    "ranker",
    "batch lists",
    "lifetimes",
}


def test_all_that_a_shop_holds_and_says_is_the_oracle_s(grown: Worker) -> None:
    findings = found_in(grown)
    assert {name: part.differences for name, part in findings.parts.items() if part.differing} == {}
    assert {name for name, part in findings.parts.items() if part.compared} == PARTS
    assert findings.not_compared == []
    why = Counter(why for raw in under(grown, "rec:").values() for why in decode_view(raw).why)
    assert why.keys() == {"together", "next", "quick", "alike", "again", "taste"}
    assert max(len(decode_row(raw).alike) for raw in under(grown, "row:").values()) == 50
    assert _ranker(grown).learned > 100


def _ranker(worker: Worker) -> RankerView:
    return decode_ranker(worker.views.held["model:ranker"])


def _with_a_score_more(raw: bytes) -> bytes:
    view = decode_view(raw)
    return encode_view(msgspec.structs.replace(view, scores=[view.scores[0] + 1e-6, *view.scores[1:]]))


def _with_a_next_more(raw: bytes) -> bytes:
    view = decode_row(raw)
    scores = view.neighbour_scores().copy()
    scores[0, 1] += 1e-5
    return encode_rank_view(version_of(raw), msgspec.structs.replace(view, scores=scores.tobytes()))


def _with_another_digest(raw: bytes) -> bytes:
    view = decode_row(raw)
    keys = bytes([view.keys[0] ^ 1]) + view.keys[1:]
    return encode_rank_view(version_of(raw), msgspec.structs.replace(view, keys=keys))


def _met_later(raw: bytes) -> bytes:
    view = decode_stat(raw)
    return encode_rank_view(version_of(raw), msgspec.structs.replace(view, last_ts=view.last_ts + 1))


def _heavier(raw: bytes) -> bytes:
    view = decode_ranker(raw)
    weights = view.matrix().copy()
    weights[0, 0] += 1e-9
    return encode_rank_view(version_of(raw), msgspec.structs.replace(view, weights=weights.tobytes()))


def _more_wanted(raw: bytes) -> bytes:
    view = decode_taste(raw)
    bias = np.frombuffer(view.bias, dtype="<f4") + np.float32(1e-4)
    return encode_rank_view(version_of(raw), msgspec.structs.replace(view, bias=bias.tobytes()))


def _of_an_earlier_record(raw: bytes) -> bytes:
    _, offset = version_of(raw).split("-")
    return raw.replace(offset.encode(), b"%016d" % (int(offset) - 1), 1)


def _with(**fields: object) -> Callable[[bytes], bytes]:
    return lambda raw: encode_view(msgspec.structs.replace(decode_view(raw), **fields))


def _with_its_version_elsewhere(raw: bytes) -> bytes:
    return raw.replace(b'{"v":1,', b'{"v": 1,')


def _later_than_its_log(raw: bytes) -> bytes:
    return raw.replace(raw[AT_START : AT_START + AT_LENGTH], b"000001-9000000000000000", 1)


def _of_another_item(raw: bytes) -> bytes:
    return encode_rank_view(version_of(raw), msgspec.structs.replace(decode_stat(raw), item="another"))


@pytest.mark.parametrize(
    ("prefix", "change", "part"),
    [
        ("rec:", _with(user_id="another"), "lists"),
        ("rec:", _with(scope="all"), "lists"),
        ("rec:", _with_its_version_elsewhere, "views"),
        ("sim:", _with(why=["together"]), "rows"),
        ("sim:", _with(v=2), "rows"),
        ("trending:", _with(at="000001-9000000000000000"), "trending"),
        ("trending:", _with(v=2), "trending"),
        ("new:", _with(at="000000-0000000000000001"), "new"),
        ("batch:", _with_its_version_elsewhere, "views"),
        ("item:", _later_than_its_log, "items"),
        ("rec:", _with(source="batch"), "lists"),
        ("rec:", _with(at="000009-0000000000000001"), "lists"),
        ("sim:", _with(item_id="another"), "rows"),
        ("stat:", _of_another_item, "item numbers"),
        ("trending:context:", _with(source="popular"), "trending"),
        ("popular:context:", _with(scope="all"), "trending"),
        ("new:", _with(scope="another"), "new"),
        ("rec:", _with_a_score_more, "lists"),
        ("sim:", _with_a_score_more, "rows"),
        ("row:", _with_a_next_more, "ranking rows"),
        ("row:", _with_another_digest, "ranking rows"),
        ("stat:", _met_later, "item numbers"),
        ("model:ranker", _heavier, "ranker"),
        ("model:ranker", _of_an_earlier_record, "ranker"),
        ("model:taste", _more_wanted, "ranker"),
        ("model:taste", _of_an_earlier_record, "ranker"),
        ("new:", _with_a_score_more, "new"),
        ("trending:context:", _with_a_score_more, "trending"),
        ("new:", None, "new"),
        ("batch:", _with_a_score_more, "batch lists"),
        ("batch:", _of_an_earlier_record, "batch lists"),
        ("batch:", None, "batch lists"),
        ("popular:context:", None, "trending"),
        ("rec:", None, "lists"),
        ("sim:", None, "rows"),
        ("row:", None, "ranking rows"),
        ("stat:", None, "item numbers"),
        ("model:ranker", None, "ranker"),
        ("model:taste", None, "ranker"),
    ],
)
def test_a_view_that_is_wrong_or_gone_is_found(
    grown: Worker,
    prefix: str,
    change: Callable[[bytes], bytes] | None,
    part: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    views = dict(grown.views.held)
    monkeypatch.setattr(grown.views, "held", views)
    key = max(under(grown, prefix), key=lambda key: len(views[key]))
    raw = views.pop(key)
    if change is not None:
        views[key] = change(raw)
    found = differing(grown)
    assert part in found
    assert found <= {part, "lists"}  # lists are judged by what stands of the views that they are made from


def test_a_batch_list_that_differs_is_named_and_so_is_one_of_nobody(
    grown: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = dict(grown.views.held)
    monkeypatch.setattr(grown.views, "held", held)
    assert {key for key in held if key.startswith("batch:")} == {"batch:ann", "batch:bob"}
    held["batch:ann"] = _with_a_score_more(held["batch:ann"])
    held["batch:eve"] = held["batch:dan"] = held["batch:bob"]
    found = found_in(grown).parts["batch lists"].differences
    assert {text.split()[0] for text in found} == {"batch:ann", "batch:eve"}, "of dan nothing good is left to be read"
    assert next(text for text in found if "ann" in text) == (
        "batch:ann 'scores': expected [2, 0.5, -1], found [2.000001, 0.5, -1.0]"
    )


def batch_lists_found(worker: Worker) -> list[str]:
    shop = worker.shop()
    check_batch_lists(shop)
    return shop.findings.of("batch lists").differences


def test_a_batch_list_that_a_person_left_out_is_looked_for_nowhere() -> None:
    """Nor is the list before it, which compaction took: it stands until Redis loses it."""
    worker = Worker(SETTINGS)
    topic = worker.ports.topic(BATCH_LIST)
    for user, item in [("ann", "i1"), ("bob", "i1"), ("ann", "i2"), ("bob", "i2")]:
        record = json.dumps({"user_id": user, "items": [item]}).encode()
        worker.log.produce(topic, record, partition=0, key=user.encode())
    worker.log.skip(topic, 0, 2)
    worker.refresh()
    assert decode_view(worker.views.held["batch:ann"]).items == ["i1"]
    assert batch_lists_found(worker) == []
    worker.log.first[topic, 0] = 1  # ann's first is gone
    assert batch_lists_found(worker) == []
    worker.refresh()
    assert decode_view(worker.views.held["batch:ann"]).items == ["i1"]


def test_batch_lists_that_are_behind_are_not_compared(grown: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grown.log, "committed", lambda topic, n: grown.log.bounds(topic, n)[1] - (topic == BATCH_LIST))
    findings = found_in(grown)
    assert findings.not_compared == ["batch lists: 1 records are behind"]
    assert "batch lists" not in findings.parts


@pytest.mark.parametrize("part", ["contender-softmax/0", "drift/0", "safety/0", "taste/0"])
def test_a_part_of_the_saved_learner_that_is_another_one_is_found(
    grown: Worker, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = grown.kept()[EXAMPLES, 0]
    taken = {**step.take(), part: Learner(SETTINGS).take()[part]}
    monkeypatch.setattr(step, "take", lambda: taken)
    assert differing(grown) == {"states"}


def test_a_ranker_whose_log_has_lost_its_beginning_is_not_compared(
    grown: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(grown.log.first, (EXAMPLES, 0), 3)
    findings = found_in(grown)
    assert findings.not_compared == ["the ranker: 3 records of its log are no longer kept"]
    assert "ranker" not in findings.parts
    assert not findings.differing


def test_what_a_restart_sent_again_changes_nothing() -> None:
    worker = shop_of(3, 4)
    for records in list(worker.log.records.values()):
        records.append(records[-1])
    worker.publish()
    worker.refresh()
    shop = worker.shop()
    compare_folds(shop, lambda _: None)
    assert {name: part.differences for name, part in shop.findings.parts.items() if part.differing} == {}


def test_no_view_stands_of_an_item_that_is_held_no_longer() -> None:
    worker = shop_of(11, 20, load_settings(topics=SETTINGS.topics.model_dump(), cooccurrence={"max_items": 64}))
    assert found_in(worker).parts["rows"].compared > 0
    assert differing(worker) == set()
    held = under(worker, "sim:")
    gone = next(key for n in range(600) if (key := f"sim:i{n}") not in held)
    worker.views.held[gone] = next(iter(held.values()))
    assert differing(worker) == {"rows"}
