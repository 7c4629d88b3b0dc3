"""The demo's screen shows ids and titles as they are."""

import io

import pytest
from rich.console import Console

from services.demo.probe import Change
from services.demo.screen import Scene, render
from shared.contracts.views import VIEW_VERSION, View


@pytest.mark.parametrize("odd", ["[/b]", "[bold]x"])
def test_an_id_is_no_markup(odd: str) -> None:
    view = View(VIEW_VERSION, "", 1, "personal", "ranked-1", [odd], [1.0])
    console = Console(file=io.StringIO(), width=120)
    console.print(render(Scene("a log", "", change=Change(odd, odd, "view", None, view, 0.1))))
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue().count(odd) == 3
