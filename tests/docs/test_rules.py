"""docs/rules.md shows every kind of rule, each a right one, and names what may be said in them."""

from shared.contracts.rules import RuleFile, When, Where, parse_rules
from tests.docs.blocks import blocks, text

DOCUMENT = "rules.md"


def test_the_example_is_a_right_file_with_every_kind_of_rule() -> None:
    rules = parse_rules(blocks(DOCUMENT, "example")["rules"])
    kinds = set(RuleFile.model_fields) - {"version"}
    assert {kind for kind in kinds if getattr(rules, kind)} == kinds


def test_what_rules_may_say_is_named() -> None:
    told = text(DOCUMENT)
    fields = {field.alias or name for part in (Where, When) for name, field in part.model_fields.items()}
    assert [name for name in sorted(fields) if f"`{name}`" not in told] == []
