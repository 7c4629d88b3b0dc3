"""Ids are shown as they are, whatever they look like."""

import os
import subprocess
import sys

import pytest

from services.cli.terminal import plain_console
from services.ops.compare import Pair
from services.ops.compare import shown as side_by_side
from services.ops.rules_try import shown
from shared.contracts.views import VIEW_VERSION, ItemView

ODD = ("[/b]", "[bold]x", ":tea:")


def test_where_there_is_no_terminal_there_is_room() -> None:
    assert plain_console().width >= 160


@pytest.mark.parametrize("odd", ODD)
def test_an_id_is_no_markup(odd: str, capsys: pytest.CaptureFixture[str]) -> None:
    item = {"item": odd, "place": 1, "shown": 1, "rules": []}
    plain_console().print(
        shown({"user_id": odd, "list": "personal", "holding": "no rules", "items": [item], "pins": []})
    )
    assert capsys.readouterr().out.count(odd) == 2


def test_a_title_gives_the_terminal_no_orders(capsys: pytest.CaptureFixture[str]) -> None:
    views = [ItemView(VIEW_VERSION, "", "i", title="tea\x1b]0;mine\x07\x1b[2J\x9b31m\u202e")]
    plain_console().print(side_by_side(Pair("ann", views, (views, views), ("a", "b"))))
    out = capsys.readouterr().out
    assert not set("\x1b\x07\x9b\u202e") & set(out)
    assert "tea\\x1b]0;mine\\x07" in out


def test_what_a_terminal_cannot_show_is_written_out() -> None:
    """Under a locale of Latin-1 an arrow, or an id, had ended the program."""
    command = [sys.executable, "-m", "services.cli", "settings", "--markdown"]
    environment = os.environ | {"PYTHONIOENCODING": "latin-1"}
    done = subprocess.run(command, env=environment, capture_output=True, check=True)
    assert b"item id \\u2192 the item id" in done.stdout
