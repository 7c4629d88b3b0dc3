"""What pods are told: settings that are some, a Secret that is filled in, rules that are read."""

import re

import pytest
import yaml

from shared.adapters.rules_file import read_rules
from shared.contracts.errors import SettingsError
from shared.contracts.rules import RuleFile, Spelling
from tests.docs.blocks import text
from tests.unit.kubernetes.conftest import Load
from tests.unit.kubernetes.manifests import (
    COMPOSE,
    CONTAINERS,
    FOLDER,
    GENERATED,
    PODS,
    SECRET,
    WORKLOADS,
    of_kind,
    shared_variables,
    variables_of,
)


class TestSettings:
    @pytest.mark.parametrize("part", WORKLOADS)
    def test_a_parts_variables_are_settings_and_its_ports_are_theirs(self, part: str, load: Load) -> None:
        settings = load(variables_of(part))  # refuses what is none
        places = {
            "reader": ("http", settings.reader.port, settings.reader.host),
            "collector": ("http", settings.collector.port, settings.collector.host),
        }
        name, port, host = places.get(part, ("metrics", settings.metrics.port, settings.metrics.host))
        assert CONTAINERS[part]["ports"] == [{"name": name, "containerPort": port}]
        assert host == "0.0.0.0"  # noqa: S104 - of the pod
        assert PODS[part]["metadata"]["annotations"] == {
            "prometheus.io/scrape": "true",
            "prometheus.io/port": str(port),
            "prometheus.io/path": "/metrics",
        }

    def test_what_pods_refer_to_is_made(self) -> None:
        used = set()
        for part, container in CONTAINERS.items():
            references = container["envFrom"]
            assert references == [
                {"configMapRef": {"name": "headrace-settings"}},
                {"secretRef": {"name": SECRET["metadata"]["name"]}},
            ]
            volumes = PODS[part]["spec"]["volumes"]
            used |= {volume["configMap"]["name"] for volume in volumes if "configMap" in volume}
        assert used | {"headrace-settings"} == set(GENERATED)

    @pytest.mark.parametrize("variable", SECRET["stringData"])
    def test_the_example_of_a_secret_works_only_once_it_is_filled_in(self, variable: str, load: Load) -> None:
        value = SECRET["stringData"][variable]
        with pytest.raises(SettingsError, match=variable):
            load({variable: value})
        load({variable: value.strip("<>")})

    def test_workers_have_partitions_and_places_in_the_group_that_they_give_back(self, load: Load) -> None:
        """A pod of a Deployment never comes back: Kafka would wait for its name."""
        settings = load(variables_of("worker"))
        assert 1 < WORKLOADS["worker"]["spec"]["replicas"] <= settings.topics.frames_partitions
        assert settings.kafka.instance_id == ""

    @pytest.mark.parametrize("part", ["reader", "collector"])
    def test_the_variables_of_services_are_kept_out(self, part: str, load: Load) -> None:
        """A cluster tells each pod of the namespace's Services by variables; of ours they would be wrong settings."""
        (port,) = of_kind("Service")[part]["spec"]["ports"]
        for variable, value in {"PORT": f"tcp://10.0.0.1:{port['port']}", "SERVICE_HOST": "10.0.0.1"}.items():
            with pytest.raises(SettingsError, match=f"HEADRACE_{part}_{variable}".upper()):
                load({f"HEADRACE_{part}_{variable}".upper(): value})
        assert [pod["spec"]["enableServiceLinks"] for pod in PODS.values()] == [False] * 4

    def test_readers_find_the_rules_and_their_changes(self, load: Load) -> None:
        settings = load(variables_of("reader"))
        (rules,) = GENERATED["headrace-rules"]["files"]
        (mount,) = (m for m in CONTAINERS["reader"]["volumeMounts"] if m["name"] == "rules")
        assert settings.rerank.rules == f"{mount['mountPath']}/{rules}"
        assert "subPath" not in mount, "what is mounted by it never changes"
        assert GENERATED["headrace-rules"]["options"] == {"disableNameSuffixHash": True}, "no reader is replaced for it"
        assert read_rules(FOLDER / rules, Spelling.of(settings)) == RuleFile()


def test_the_folder_of_ones_own_that_operations_shows(load: Load) -> None:
    """docs/operations.md, "Kubernetes"."""
    section = text("operations.md").partition("\n## Kubernetes\n")[2].partition("\n## ")[0]
    (shown,) = re.findall(r"```yaml\n(.*?)```", section, re.DOTALL)
    own = yaml.safe_load(shown)
    assert [image["name"] for image in own["images"]] == [COMPOSE["image"].split(":")[0]]
    (replicas,) = own["replicas"]
    assert replicas["name"] == WORKLOADS["worker"]["metadata"]["name"]
    generators = {generator["name"]: generator for generator in own["configMapGenerator"]}
    assert set(generators) == set(GENERATED)
    literals = generators["headrace-settings"]["literals"]
    settings = load(shared_variables() | dict(literal.split("=", 1) for literal in literals))
    assert replicas["count"] <= settings.topics.frames_partitions
    assert generators["headrace-rules"]["files"] == GENERATED["headrace-rules"]["files"]
