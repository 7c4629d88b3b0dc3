"""Ids are shown as they are, whatever they look like."""

import pytest

from services.cli.terminal import plain_console
from services.ops.rules_try import shown

ODD = ("[/b]", "[bold]x", ":tea:")


@pytest.mark.parametrize("odd", ODD)
def test_an_id_is_no_markup(odd: str, capsys: pytest.CaptureFixture[str]) -> None:
    item = {"item": odd, "place": 1, "shown": 1, "rules": []}
    plain_console().print(
        shown({"user_id": odd, "list": "personal", "holding": "no rules", "items": [item], "pins": []})
    )
    assert capsys.readouterr().out.count(odd) == 2
