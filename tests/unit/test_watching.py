"""deploy/prometheus and deploy/grafana: what they ask for is what the parts say, and every alert is tried out."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from prometheus_client.metrics import MetricWrapperBase

from shared.adapters import metrics
from shared.adapters.bulk_histogram import BulkHistogram

ROOT = Path(__file__).parents[2]
PROMETHEUS, GRAFANA = ROOT / "deploy" / "prometheus", ROOT / "deploy" / "grafana"
RULES_FILE, TESTS_FILE = PROMETHEUS / "headrace.rules.yml", PROMETHEUS / "headrace.test.yml"
GROUPS: list[dict[str, Any]] = yaml.safe_load(RULES_FILE.read_text("utf-8"))["groups"]
RULES = [rule for group in GROUPS for rule in group["rules"]]
ALERTS = {rule["alert"]: rule for rule in RULES if "alert" in rule}
RECORDED = {rule["record"]: rule for rule in RULES if "record" in rule}
SCRAPED = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text("utf-8"))
DASHBOARD: dict[str, Any] = json.loads((GRAFANA / "headrace.json").read_text("utf-8"))
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]
OF_TARGETS = {"tenant", "job", "instance", "le"}
OF_PROCESSES = {"up", "process_start_time_seconds", "process_cpu_seconds_total", "process_resident_memory_bytes"}
SUFFIXES = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_count", "_sum")}


def said() -> dict[str, set[str]]:
    """Labels by the names that /metrics has."""
    names = {}
    for metric in vars(metrics).values():
        if isinstance(metric, MetricWrapperBase | BulkHistogram):
            family = next(iter(metric.collect()))
            for suffix in SUFFIXES[family.type]:
                names[family.name + suffix] = set(getattr(metric, "_labelnames", ()))
    return names


def panels() -> list[dict[str, Any]]:
    return [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]


def asked() -> Iterator[tuple[str, str]]:
    """Every expression, and where it stands."""
    for rule in RULES:
        yield rule.get("alert", rule.get("record")), rule["expr"]
    for panel in panels():
        for target in panel["targets"]:
            yield panel["title"], target["expr"].replace("$__rate_interval", "5m")


class Visitor:
    """Of an expression the metrics that it asks for, with their matchers, and the labels that it groups by."""

    def __init__(self, expression: str) -> None:
        self.selected: list[promql_parser.VectorSelector] = []
        self.labels: set[str] = set()
        promql_parser.walk(promql_parser.parse(expression), self._see)

    def _see(self, node: promql_parser.Expr) -> bool:
        if isinstance(node, promql_parser.VectorSelector):
            self.selected.append(node)
        elif isinstance(node, promql_parser.AggregateExpr) and node.modifier:
            self.labels |= set(node.modifier.labels)
        return True

    def names(self, known: set[str]) -> set[str]:
        """Of these names those that it asks for; one that is none of them is an error."""
        found = set()
        for selector in self.selected:
            patterns = [m.value for m in selector.matchers.matchers if m.name == "__name__"]
            pattern = patterns[0] if selector.name is None else re.escape(selector.name)
            these = {name for name in known if re.fullmatch(pattern, name)}
            assert these, f"nothing says {selector}"
            found |= these
        return found


@pytest.mark.parametrize(("where", "expression"), list(asked()))
def test_what_is_asked_for_is_said_with_these_labels(where: str, expression: str) -> None:
    known = said()
    labels = known | {name: set() for name in OF_PROCESSES} | {name: labels_of(name) for name in RECORDED}
    seen = Visitor(expression)
    names = seen.names(set(labels))
    can_be = OF_TARGETS.union(*(labels[name] for name in names))
    assert seen.labels <= can_be, where
    for selector in seen.selected:
        assert {m.name for m in selector.matchers.matchers} - {"__name__"} <= can_be, where


def labels_of(record: str) -> set[str]:
    """That a recorded figure has."""
    return Visitor(RECORDED[record]["expr"]).labels - {"le"}


def test_a_slip_would_be_found() -> None:
    with pytest.raises(AssertionError, match="nothing says"):
        Visitor("rate(headrace_event_in_total[5m])").names(set(said()))


def test_everything_that_is_said_is_watched() -> None:
    known, watched = set(said()), set[str]()
    every = known | OF_PROCESSES | set(RECORDED)
    for _, expression in asked():
        watched |= Visitor(expression).names(every)
    families = {re.sub("_(bucket|count|sum)$", "", name) for name in watched}
    assert {re.sub("_(bucket|count|sum)$", "", name) for name in known} <= families


def test_every_alert_says_how_bad_it_is_what_it_means_and_where_to_read_on() -> None:
    for name, rule in ALERTS.items():
        assert name.startswith("Headrace")
        assert rule["labels"]["severity"] in {"page", "look"}
        assert set(rule["annotations"]) == {"summary", "description", "runbook"}
        document, _, anchor = rule["annotations"]["runbook"].partition("#")
        headings = re.findall(r"^#+ (.+)$", (ROOT / document).read_text("utf-8"), re.MULTILINE)
        assert not anchor or anchor in {heading.lower().replace(" ", "-") for heading in headings}


def test_every_alert_is_tried_out() -> None:
    tried = TESTS_FILE.read_text("utf-8")
    assert [name for name in ALERTS if not re.search(rf"\b{name}\b", tried)] == []


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool, which comes with Prometheus, is not installed")
def test_alerts_fire_when_they_should() -> None:
    subprocess.run(["promtool", "test", "rules", str(TESTS_FILE)], check=True, timeout=60)


def test_every_part_is_scraped_where_compose_has_it() -> None:
    assert SCRAPED["rule_files"] == [RULES_FILE.name]
    targets = {}
    for job in SCRAPED["scrape_configs"]:
        (found,) = job["dns_sd_configs"]
        (part,) = found["names"]
        assert job["job_name"] == f"headrace-{part}"
        targets[part] = str(found["port"])
    assert set(targets) == {
        name for name, service in COMPOSE.items() if service.get("image", "").startswith("headrace:")
    }
    for part, port in targets.items():
        variable = "METRICS" if part in {"ingest", "worker"} else part.upper()
        assert COMPOSE[part]["environment"][f"HEADRACE_{variable}_PORT"] == port


def test_compose_mounts_what_is_here() -> None:
    for name in ("prometheus", "grafana"):
        assert COMPOSE[name]["profiles"] == ["watch"]
        for volume in COMPOSE[name]["volumes"]:
            if volume.startswith("./"):
                source, _, how = volume.split(":")
                assert (ROOT / source).exists()
                assert how == "ro"
    (provider,) = yaml.safe_load((GRAFANA / "provisioning/dashboards/headrace.yml").read_text("utf-8"))["providers"]
    assert (
        f"./deploy/grafana/headrace.json:{provider['options']['path']}/headrace.json:ro"
        in COMPOSE["grafana"]["volumes"]
    )


def test_panels_have_room_and_a_source_that_can_be_chosen() -> None:
    taken = set[tuple[int, int]]()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert at["x"] + at["w"] <= 24
        assert not taken & cells, panel["title"]
        taken |= cells
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    sources = {target["datasource"]["uid"] for panel in panels() for target in panel["targets"]}
    assert sources == {"${datasource}"}
    assert {one["name"] for one in DASHBOARD["templating"]["list"]} == {"datasource", "tenant"}
