"""Whom a cluster asks whether it lives, and whom it leaves to a person."""

import subprocess
import sys

import pytest

from services.reader.endpoints.openapi import description
from services.web.server import STOP_S
from shared.contracts.settings import Settings
from tests.unit.collector.test_app import ask
from tests.unit.kubernetes.manifests import CONTAINERS, PODS, ROOT, Manifest, of_kind


class TestProbes:
    def probes(self, part: str) -> dict[str, Manifest]:
        """By what they decide."""
        names = {"startupProbe", "livenessProbe", "readinessProbe"} & set(CONTAINERS[part])
        return {name.removesuffix("Probe"): CONTAINERS[part][name]["httpGet"] for name in names}

    def test_they_ask_the_port_that_there_is(self) -> None:
        for part, container in CONTAINERS.items():
            assert {probe["port"] for probe in self.probes(part).values()} == {container["ports"][0]["name"]}

    def test_whoever_waits_for_a_person_is_not_restarted(self) -> None:
        """After exit status 78, with which a reader alone never ends, nothing answers."""
        assert {part: set(self.probes(part)) for part in CONTAINERS} == {
            "ingest": {"readiness"},
            "worker": {"readiness"},
            "reader": {"startup", "liveness", "readiness"},
            "collector": {"readiness"},
        }

    def test_a_reader_has_nothing_that_asks_for_a_person(self) -> None:
        named = "sorted(name for name, module in sys.modules.items() if hasattr(module, 'NeedsAPerson'))"
        program = f"import sys, services.reader.__main__; print({named})"
        done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
        assert done.stdout == "['shared.contracts.errors']\n"

    def test_readers_have_minutes_to_compile(self) -> None:
        startup = CONTAINERS["reader"]["startupProbe"]
        assert startup["periodSeconds"] * startup["failureThreshold"] >= 300

    def test_their_paths_are_served(self) -> None:
        """/metrics of ingest and workers: tests/unit/adapters/test_metrics.py."""
        assert {probe["path"] for part in ("ingest", "worker") for probe in self.probes(part).values()} == {"/metrics"}
        of_reader = {probe["path"] for probe in self.probes("reader").values()}
        assert of_reader == {"/healthz", "/readyz"}
        assert {*of_reader, "/metrics"} <= set(description(Settings(), [])["paths"])
        assert {probe["path"] for probe in self.probes("collector").values()} == {"/readyz"}
        assert [ask("GET", path).status_code for path in ("/readyz", "/metrics")] == [200, 200]

    @pytest.mark.parametrize("part", ["reader", "collector"])
    def test_a_service_leads_to_its_part_until_it_ends(self, part: str) -> None:
        service = of_kind("Service")[part]["spec"]
        assert service["selector"] == PODS[part]["metadata"]["labels"]
        assert service["ports"] == [
            {"name": "http", "port": CONTAINERS[part]["ports"][0]["containerPort"], "targetPort": "http"}
        ]
        *command, seconds = CONTAINERS[part]["lifecycle"]["preStop"]["exec"]["command"]
        assert command == ["sleep"]
        assert int(seconds) + STOP_S < PODS[part]["spec"]["terminationGracePeriodSeconds"]
