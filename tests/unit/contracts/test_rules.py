"""A file of rules: what it may say, and the line of what is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.rules import RulesError, Spelling, line_of, parse_rules
from shared.contracts.sections import IdentitySettings

WHOLE = """
version = 1

[[exclude]]
name = "no wine in Norway"
where = { category = "wine", price_min = 10 }
when = { context = { country = ["NO"] }, surface = "home" }

[[include]]
where = { attributes = { organic = true }, published_within = "30d" }

[[boost]]
where = { brand = ["Leaf & Co", "Pot"], tag = "new" }
factor = 2.5
[boost.when]
from = 2026-12-01
until = 2026-12-24T18:00:00Z

[[pin]]
item = "tea"
position = 1

[[cap]]
by = "brand"
most = 2

[[share]]
by = "seller"
value = "leaf"
least = 0.2

[[met]]
viewed = "hide"
repeatable = ["milk"]

[[impressions]]
after = 3
factor = 0.25
"""


def test_a_whole_file() -> None:
    rules = parse_rules(WHOLE)
    assert rules.exclude[0].where.category == ["wine"]
    assert rules.exclude[0].when.surface == ["home"]
    assert rules.include[0].where.published_within == 30 * 86_400_000
    assert rules.include[0].where.attributes == {"organic": [True]}
    assert (rules.boost[0].when.since, rules.boost[0].when.until) == (1_796_083_200_000, 1_798_135_200_000)
    assert (rules.pin[0].item, rules.cap[0].most, rules.share[0].least) == ("tea", 2, 0.2)
    assert rules.met[0].repeatable == ["milk"]
    assert rules.impressions[0].after == 3


def test_an_empty_file_has_no_rules() -> None:
    assert parse_rules("").exclude == []


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("[[exclude]]\nwhere = {", 2, ""),
        ('x = 1\n\n[[exclude]]\nwhere = { item = "a" }', 1, "x"),
        ('[[exclude]]\nwhere = { item = "a" }\n\n[[exclude]]\nname = "b"', 4, "where"),
        ('[[exclude]]\nname = "a"\nwhere = { colour = "red" }', 3, "colour"),
        ("[[exclude]]\nwhere = {}", 2, "every item"),
        ('[[boost]]\n# factor is below\nwhere = { item = "a" }\nfactor = 0', 4, "factor"),
        ('[[boost]]\nfactor = 2\n[boost.where]\nprice_min = "cheap"', 4, "price_min"),
        ('[[include]]\nwhere = { published_within = "soon" }', 2, "duration"),
        ('[[exclude]]\nwhere = { item = "a" }\nwhen = { from = "monday" }', 3, "date"),
        ('[[share]]\nby = "brand"\nvalue = "a"\nleast = 0.5\nmost = 0.2', 1, "least is more than most"),
        ("version = 2", 1, "version"),
        ('[[exclude]]\nwhere = { item = " " }', 2, "item is empty"),
        ('[[pin]]\nposition = 1\nitem = "a\\nb"', 3, "item has characters that cannot be printed"),
        (f'[[exclude]]\nwhere = {{ tag = "{"t" * 257}" }}', 2, "tag has 257 characters, 256 at most"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(RulesError) as caught:
        parse_rules(text)
    assert caught.value.line == line
    assert said in caught.value.detail
    assert str(caught.value).startswith(f"line {line}: ")


def test_names_are_spelled_as_events_and_records_have_them() -> None:
    text = """
[[exclude]]
where = { item = [" old ", "x"], category = "cafe\u0301", tag = " new", seller = "leaf ", brand = " Leaf & Co" }
[[pin]]
item = "old"
position = 1
[[share]]
by = "seller"
value = " leaf"
[[share]]
by = "brand"
value = " Leaf & Co"
[[met]]
repeatable = " milk "
"""
    rules = parse_rules(text, Spelling(IdentitySettings(aliases={"old": "new"})))
    where = rules.exclude[0].where
    assert (where.item, where.category, where.tag, where.seller) == (["new", "x"], ["caf\u00e9"], ["new"], ["leaf"])
    assert where.brand == [" Leaf & Co"]
    assert rules.pin[0].item == "new"
    assert [share.value for share in rules.share] == ["leaf", " Leaf & Co"]
    assert rules.met[0].repeatable == ["milk"]
    exact = parse_rules('[[pin]]\nitem = " a"\nposition = 1', Spelling(IdentitySettings(trim=False)))
    assert exact.pin[0].item == " a"


def test_too_many_rules_are_refused() -> None:
    with pytest.raises(RulesError, match="257 rules, 256 at most"):
        parse_rules('[[exclude]]\nwhere = { item = "a" }\n' * 257)


@given(st.text())
def test_any_text_is_a_file_of_rules_or_wrong_on_a_line_of_it(text: str) -> None:
    line = 1
    try:
        parse_rules(text)
    except RulesError as error:
        line = error.line
    assert 1 <= line <= text.count("\n") + 2


@given(st.lists(st.one_of(st.integers(0, 3), st.sampled_from(["exclude", "where", "item"])), max_size=4).map(tuple))
def test_any_place_has_a_line(place: tuple[int | str, ...]) -> None:
    assert 1 <= line_of(WHOLE, place) <= WHOLE.count("\n")
