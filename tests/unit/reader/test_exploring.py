"""What is explored is held by what holds of every answer."""

from collections import Counter
from contextlib import nullcontext
from pathlib import Path
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


def answer(views: FakeViews, rules: str = "", diversity: float = 0) -> list[str]:
    """Once all that is held has been read; ``rules``: a file of them."""
    rerank = RerankSettings(diversity=diversity, exploration=0.5, rules=rules)
    settings = SETTINGS.model_copy(update={"rerank": rerank})
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


def explored(shown: list[str]) -> list[str]:
    return [item for item in shown if item in NEW]


def test_a_pin_stands_where_it_is_put_whatever_is_explored(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text('[[pin]]\nitem = "pinned"\nposition = 6')
    shown = answer(shop(), str(file))
    assert shown[5] == "pinned"
    assert len(explored(shown)) == 5
    file.write_text('[[pin]]\nitem = "n1"\nposition = 6')
    again = answer(shop(), str(file))
    assert "n1" in explored(shown), "drawn"
    assert (again[5], again.count("n1")) == ("n1", 1)


def test_no_variant_of_what_is_explored_comes_in_where_rules_have_all_put_in_order_anew(tmp_path: Path) -> None:
    """Among the user's own that had no place before."""
    file = tmp_path / "rules.toml"
    file.write_text('[[pin]]\nitem = "pinned"\nposition = 6')
    views = shop()
    alike = [(6, 7), (0, 1, 2), (8,), (), (3, 4, 5)]  # so that the later ones are the least alike beside them
    for n in range(20):
        views.put_item(OWN[n], categories=[f"k{n}"], parent_id=f"p{n}")
        views.put_item(NEW[n], categories=[f"k{one}" for one in alike[n % 5]], parent_id=f"p{9 + n % 11}")
    shown = answer(views, str(file), 1)
    parents = Counter(f"{9 + int(item[1:]) % 11}" if item in NEW else item[1:] for item in shown)
    assert max(parents.values()) == 1


def test_what_is_explored_counts_for_caps(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text('[[cap]]\nby = "brand"\nmost = 2')
    views = shop(brand="b0")
    shown = answer(views, str(file))
    assert shown[0] == "o0"
    assert len(explored(shown)) == 1
    assert [item for item in shown if item in OWN] == OWN[:9]


def test_what_is_explored_takes_nobody_s_share_and_no_more_than_its_own(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    share = '[[share]]\nby = "brand"\nvalue = "{}"\n{}\n'.format
    file.write_text(share("late", "least = 0.3") + share("new", "most = 0.2"))
    views = shop(brand="new")
    for item in OWN[15:]:
        views.put_item(item, brand="late")
    shown = answer(views, str(file))
    assert len([item for item in shown if item in OWN[15:]]) == 3
    assert len(explored(shown)) == 2
