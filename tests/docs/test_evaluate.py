"""docs/evaluate.md names every figure and every option that decides what is measured."""

import re

from services.cli.evaluate import evaluate
from services.cli.log_options import ROLES
from services.evaluate.figures import lists, ranking
from services.evaluate.protocol import Protocol, plan_test
from services.evaluate.targets import targets
from shared.core.metrics import places_of
from tests.docs.blocks import text
from tests.unit.evaluate import logs

DOCUMENT = "evaluate.md"
OTHERS = {"type", "map-type", "time", "delimiter", "derive-items", "list-column"}
AS_IN_REPLAY = OTHERS | {f"{role}-column" for role in ROLES}


def test_the_figures_are_named() -> None:
    log, protocol = logs.checkerboard(10), Protocol()
    asked = targets(log, plan_test(log, protocol), protocol)
    answers = asked.item[:, None]
    names = ranking(places_of(asked.item, answers), (20,)) | lists(answers, asked, len(log.items), (20,))
    said = re.sub(r"@\w+", "", text(DOCUMENT))
    assert all(f"`{name.removesuffix('@20')}`" in said for name in names)


def test_the_options_are_named() -> None:
    options = {name.removeprefix("--") for option in evaluate.params for name in option.opts if name.startswith("--")}
    assert [option for option in sorted(options - AS_IN_REPLAY - {"tune"}) if f"--{option}" not in text(DOCUMENT)] == []
