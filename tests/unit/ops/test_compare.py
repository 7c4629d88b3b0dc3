"""Two configurations side by side, without their names."""

from io import StringIO

import pytest
from rich.console import Console

from services.ops.compare import Side, as_document, configured, pair, shown, summary
from shared.contracts.errors import SettingsError
from shared.contracts.settings import Settings
from shared.contracts.views import ItemView, encode_view
from tests.unit.core.lists.test_list_maker import Source
from tests.unit.ops.test_explain import NOW, SETTINGS, SHOP, VIEW


def read(keys: list[str]) -> list[bytes | None]:
    pot = encode_view(ItemView(1, "", "pot", title="A pot", brand="clay"))
    return [pot if key == "item:pot" else None for key in keys]


def side(settings: Settings = SETTINGS) -> Side:
    return Side(settings, Source(SHOP), NOW, read)


def test_each_has_its_list_and_who_stands_left_is_drawn_by_user() -> None:
    told = [pair(f"u{n}", VIEW, (side(), side()), 3, seed=1) for n in range(40)]
    assert {one.names for one in told} == {("a", "b"), ("b", "a")}
    assert all(one.lists[0] == one.lists[1] for one in told), "the same configuration twice"
    assert told[0].lists[0][0].title == "A pot"
    assert pair("u0", VIEW, (side(), side()), 3, seed=1) == told[0]
    assert as_document(told[0])["a"][0] == "pot"


def test_what_is_chosen_is_named_only_afterwards() -> None:
    told = pair("u0", VIEW, (side(), side()), 3, seed=1)
    console = Console(file=StringIO(), width=100)
    console.print(shown(told))
    assert isinstance(console.file, StringIO)
    text = console.file.getvalue()
    assert "A pot · clay" in text
    assert "left" in text
    chosen = [told.choice(0), told.choice(1), told.choice(None)]
    assert summary(chosen) == {"a": 1, "b": 1, "neither": 1}


def test_somebody_unknown_is_compared_too() -> None:
    told = pair("nobody", None, (side(), side()), 3, seed=1)
    assert [one.item_id for one in told.lists[0]] == ["star"]
    assert told.history == []


def test_a_configuration_is_what_holds_but_for_some_settings() -> None:
    assert configured(["rerank.diversity=0.6"]).rerank.diversity == 0.6
    assert configured(["lists.profile=fast"]).lists.profile == "fast"
    assert configured([]) == configured(())
    for wrong in ("diversity=1", "rerank.diversity", "nonsense.x=1", "rerank.diversity=7"):
        with pytest.raises(SettingsError):
            configured([wrong])
