"""What is explored is held by what holds of every answer."""

from collections import Counter
from contextlib import nullcontext
from typing import Any
from unittest.mock import patch

import pytest

from services.reader.answering.at_once import AtOnce
from shared.contracts.sections import RerankSettings
from tests.unit.reader.conftest import SETTINGS, serving
from tests.unit.reader.fakes import FakeViews

ANN = "/v1/users/ann/recommendations?n=10"
OWN, NEW = [f"o{n}" for n in range(20)], [f"n{n}" for n in range(20)]


def shop(**new: Any) -> FakeViews:
    """Items of a user's own, each of a brand of its own, and new ones."""
    views = FakeViews()
    views.put("rec:ann", OWN, visits=1)
    views.put("trending:all", ["t"], source="trending")
    views.put("new:all", NEW, source="new")
    for n in range(20):
        views.put_item(OWN[n], brand=f"b{n}", parent_id=f"p{n}")
        views.put_item(NEW[n], **{"brand": f"c{n}"} | new)
    return views


def answer(views: FakeViews, rules: str = "") -> list[str]:
    """Once all that is held has been read."""
    settings = SETTINGS.model_copy(update={"rerank": RerankSettings(diversity=0, exploration=0.5, rules=rules)})
    with serving(views, settings=settings) as client:
        client.get(ANN)
        found: list[str] = client.get(ANN).json()["items"]
    assert len(found) == 10
    return found


@pytest.mark.parametrize("whole", [False, True])
def test_no_variant_of_what_is_shown_is_explored(whole: bool) -> None:
    views = shop()
    for n, item in enumerate(NEW):
        views.put_item(item, parent_id=f"p{n}")
    with patch.object(AtOnce, "chosen", return_value=None) if whole else nullcontext():
        shown = Counter(item[1:] for item in answer(views))
    assert max(shown.values()) == 1
