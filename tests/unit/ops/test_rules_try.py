"""Rules tried on a list, before a reader takes them."""

from io import StringIO
from pathlib import Path
from typing import Any, cast

import pytest
from click.testing import CliRunner
from rich.console import Console

from services.cli.rules import rules as command
from services.ops.rules_try import RuleFileError, counted, rules_in, shown, tried
from shared.adapters.redis_views import ViewStore
from shared.contracts.rules import parse_rules
from shared.contracts.settings import Settings
from shared.contracts.views import ItemView, View, encode_view

RULES = """
[[exclude]]
name = "no pots"
where = { brand = "pot" }
[[exclude]]
name = "elsewhere"
where = { brand = "leaf" }
when = { surface = "cart" }
[[boost]]
where = { tag = "new" }
factor = 9
[[pin]]
item = "offer"
position = 3
"""


class Views:
    """Redis in memory."""

    def __init__(self) -> None:
        listed = View(1, "", 1, "personal", "m", ["a", "b", "c", "d"], [4.0, 3.0, 2.0, 1.0])
        items = [
            ItemView(1, "", "a", brand="leaf"),
            ItemView(1, "", "b", brand="pot"),
            ItemView(1, "", "c", tags=["new"]),
        ]
        self.values = {"rec:ann": encode_view(listed)} | {f"item:{one.item_id}": encode_view(one) for one in items}

    def read(self, keys: list[str]) -> list[bytes | None]:
        return [self.values.get(key) for key in keys]


def outcome(user: str, surface: str = "") -> dict[str, Any]:
    views = cast("ViewStore", Views())
    return tried(user, parse_rules(RULES), views, Settings(), 1000, 2, surface, {})


def test_each_item_says_which_rules_it_fits_and_where_it_is_shown() -> None:
    told = outcome("ann")
    assert [(one["item"], one["shown"], one["rules"]) for one in told["items"]] == [
        ("a", 2, []), ("b", None, ["filter no pots"]), ("c", 1, ["boost ×9 3"]), ("d", None, []),
    ]  # fmt: skip
    assert told["pins"] == [{"item": "offer", "place": 3}]


def test_another_surface_has_other_rules() -> None:
    assert outcome("ann", "cart")["items"][0] == {"item": "a", "place": 1, "shown": None, "rules": ["filter elsewhere"]}


def test_somebody_without_a_list_and_nothing_that_trends() -> None:
    told = outcome("nobody")
    assert (told["list"], told["items"]) == ("none", [])


def test_a_person_reads_it() -> None:
    console = Console(file=StringIO(), width=120)
    console.print(shown(outcome("ann")))
    assert isinstance(console.file, StringIO)
    text = console.file.getvalue()
    assert "no pots" in text
    assert "2 exclude, 1 boost, 1" in text
    assert counted(parse_rules("")) == "no rules"


def test_a_file_is_checked(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(RULES)
    found = CliRunner().invoke(command, ["check", str(file)])
    assert (found.exit_code, found.output) == (0, f"{file}: 2 exclude, 1 boost, 1 pin\n")
    file.write_text("[[pin]]\nitem = 3\nposition = 1")
    with pytest.raises(RuleFileError, match=r"line 2: pin\.1\.item"):
        rules_in(file, Settings())
    with pytest.raises(RuleFileError, match=r"no\.toml"):
        rules_in(tmp_path / "no.toml", Settings())
