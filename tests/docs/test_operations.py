"""docs/operations.md cannot drift from the settings, the metrics and the parts."""

import json
import os
import re

import pytest
from prometheus_client.metrics import MetricWrapperBase

from services.ops.lag_view import document
from services.ops.parts import parts_of
from services.ops.settings_rows import rows
from services.ops.settings_text import markdown
from services.ops.status import Status
from shared.adapters import metrics
from shared.adapters.bulk_histogram import BulkHistogram
from shared.adapters.kafka_lag import Lag
from shared.contracts.errors import EXIT_NEEDS_A_PERSON, HeadraceError, SettingsError
from shared.contracts.settings import NOT_SETTINGS, Settings
from tests.docs.blocks import tables, text

DOCUMENT = "operations.md"


@pytest.fixture
def defaults(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Whatever is set on this machine."""
    for name in list(os.environ):
        if name.startswith("HEADRACE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HEADRACE_CONFIG", os.devnull)
    return Settings()


def test_the_settings_are_those_of_the_code(defaults: Settings) -> None:
    """If this fails: put the output of `headrace settings --markdown` between the two marks."""
    begin, end = "<!-- begin settings: written by `headrace settings --markdown` -->\n", "<!-- end settings -->"
    assert text(DOCUMENT).split(begin)[1].split(end)[0] == markdown(rows(defaults))


def test_the_metrics_are_those_of_the_code() -> None:
    known = [metric for metric in vars(metrics).values() if isinstance(metric, MetricWrapperBase | BulkHistogram)]
    families = [(next(iter(metric.collect())), getattr(metric, "_labelnames", ())) for metric in known]
    assert tables(DOCUMENT)["metrics"] == [
        [family.name, family.type, ", ".join(labels), family.documentation] for family, labels in families
    ]


def test_the_examples_have_the_fields_of_the_code() -> None:
    run, lag = (json.loads(body) for body in re.findall(r"```json\n(.*?)```", text(DOCUMENT), re.DOTALL))
    assert set(run) == {"pid", "parts"}
    assert set(run["parts"][0]) == set(Status.__dataclass_fields__)
    assert lag == document([Lag("headrace-ingest", "view", 0, 39, 42, 3, 1.2)], 1_767_225_600_000)


def test_the_parts_are_those_that_run_starts(defaults: Settings) -> None:
    for part in parts_of(defaults, ingests=1, workers=1, reader=True, collector=True):
        assert f"| {part.name} | `headrace {part.name}` |" in text(DOCUMENT)
    assert f"{defaults.reader.host}:{defaults.reader.port}" in text(DOCUMENT)
    assert f"{defaults.collector.host}:{defaults.collector.port}" in text(DOCUMENT)


def test_the_exit_statuses_are_those_of_the_errors() -> None:
    said = {int(number) for number in re.findall(r"^\| (\d+) \|", text(DOCUMENT), re.MULTILINE)}
    assert said == {0, HeadraceError.exit_status, SettingsError.exit_status, EXIT_NEEDS_A_PERSON}


def test_variables_that_are_no_settings_are_named() -> None:
    assert all(f"`{name}`" in text(DOCUMENT) for name in NOT_SETTINGS)
