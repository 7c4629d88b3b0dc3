"""deploy/kubernetes/: manifests that clusters take, of the parts as they are. (No cluster is needed, nor kubectl.)"""

import copy
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from services.cli.main import COMMANDS
from services.reader.endpoints.openapi import description
from services.web.server import STOP_S
from shared.adapters.rules_file import read_rules
from shared.contracts.errors import SettingsError
from shared.contracts.rules import RuleFile, Spelling
from shared.contracts.settings import Settings, load_settings
from tests.docs.blocks import text
from tests.unit.collector.test_app import ask

Manifest = dict[str, Any]
Load = Callable[[dict[str, str]], Settings]

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "kubernetes"
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text("utf-8")
COMPOSE: Manifest = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["x-part"]
# operations.md says from which one on
VERSIONS = ["1.27", "1.30", "1.33", kubernetes_validate.latest_version()]
VOLUMES = {
    "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret",
}  # fmt: skip
"""Kinds that the Pod Security Standard `restricted` lets a pod have."""


def documents(name: str) -> list[Manifest]:
    return list(yaml.safe_load_all((FOLDER / name).read_text("utf-8")))


(KUSTOMIZATION,) = documents("kustomization.yaml")
(SECRET,) = documents("secret.example.yaml")
MANIFESTS = [manifest for name in KUSTOMIZATION["resources"] for manifest in documents(name)]
GENERATED: dict[str, Manifest] = {generator["name"]: generator for generator in KUSTOMIZATION["configMapGenerator"]}


def of_kind(*kinds: str) -> dict[str, Manifest]:
    """By the part that they are of."""
    return {m["metadata"]["labels"]["app.kubernetes.io/component"]: m for m in MANIFESTS if m["kind"] in kinds}


WORKLOADS = of_kind("Deployment")
PODS: dict[str, Manifest] = {part: workload["spec"]["template"] for part, workload in WORKLOADS.items()}
CONTAINERS: dict[str, Manifest] = {part: pod["spec"]["containers"][0] for part, pod in PODS.items()}


def shared_variables() -> dict[str, str]:
    """As kustomize reads them: a line each, but for comments."""
    (name,) = GENERATED["headrace-settings"]["envs"]
    lines = (FOLDER / name).read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def variables_of(part: str) -> dict[str, str]:
    return shared_variables() | {entry["name"]: entry["value"] for entry in CONTAINERS[part].get("env", [])}


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Load:
    """The settings of a pod with these variables and no others."""
    monkeypatch.chdir(tmp_path)

    def loaded(variables: dict[str, str]) -> Settings:
        for variable in [v for v in os.environ if v.startswith("HEADRACE_")]:
            monkeypatch.delenv(variable)
        for variable, value in variables.items():
            monkeypatch.setenv(variable, value)
        return load_settings()

    return loaded


@pytest.mark.parametrize("version", VERSIONS)
def test_clusters_take_them(version: str) -> None:
    for manifest in [*MANIFESTS, SECRET]:
        kubernetes_validate.validate(manifest, version, strict=True)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_slip_would_be_found(version: str) -> None:
    wrong = copy.deepcopy(WORKLOADS["worker"])
    wrong["spec"]["template"]["spec"]["containers"][0]["imagine"] = "headrace"
    with pytest.raises(kubernetes_validate.ValidationError, match="imagine"):
        kubernetes_validate.validate(wrong, version, strict=True)


def test_all_of_the_folder_is_applied_but_the_example() -> None:
    assert {file.name for file in FOLDER.iterdir()} == {
        "kustomization.yaml", "secret.example.yaml", *KUSTOMIZATION["resources"], "settings.env", "rules.toml",
    }  # fmt: skip
    names = [(manifest["kind"], manifest["metadata"]["name"]) for manifest in MANIFESTS]
    assert len(set(names)) == len(names)


def test_each_part_is_there_once_as_a_command_of_the_image() -> None:
    assert set(WORKLOADS) == {"ingest", "worker", "reader", "collector"} <= set(COMMANDS)
    for part, container in CONTAINERS.items():
        assert len(PODS[part]["spec"]["containers"]) == 1
        assert container["image"] == COMPOSE["image"]
        assert container["args"] == [part]
        assert "command" not in container, "the image's entrypoint waits after exit status 78"
        assert COMPOSE["stop_grace_period"] == f"{PODS[part]['spec']['terminationGracePeriodSeconds']}s"


@pytest.mark.parametrize("part", WORKLOADS)
def test_labels_are_those_that_are_selected_by(part: str) -> None:
    labels = {"app.kubernetes.io/name": "headrace", "app.kubernetes.io/component": part}
    assert PODS[part]["metadata"]["labels"] == labels
    assert WORKLOADS[part]["spec"]["selector"] == {"matchLabels": labels}
    (spread,) = PODS[part]["spec"]["topologySpreadConstraints"]
    assert spread["labelSelector"] == {"matchLabels": labels}
    assert of_kind("PodDisruptionBudget")[part]["spec"]["selector"] == {"matchLabels": labels}
    for manifest in MANIFESTS:
        if manifest["metadata"]["labels"] == labels:
            assert manifest["metadata"]["name"] == f"headrace-{part}"


def test_a_node_can_be_drained_and_a_part_goes_on() -> None:
    """One pod at a time; one that waits for a person keeps nobody."""
    assert set(of_kind("PodDisruptionBudget")) == set(WORKLOADS)
    for part, budget in of_kind("PodDisruptionBudget").items():
        assert budget["spec"]["maxUnavailable"] == 1
        assert budget["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
        least = of_kind("HorizontalPodAutoscaler")[part]["spec"]["minReplicas"] if part == "reader" else None
        assert (least or WORKLOADS[part]["spec"]["replicas"]) > 1


def test_an_old_pod_goes_when_a_new_one_is_ready_and_stays_so() -> None:
    for part, workload in WORKLOADS.items():
        assert workload["spec"]["strategy"] == {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
        if part in {"ingest", "worker"}:  # ready before they are given partitions, at which they may end with status 78
            probe = CONTAINERS[part]["readinessProbe"]
            assert workload["spec"]["minReadySeconds"] > 3 * probe["periodSeconds"] + probe["timeoutSeconds"]


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


def test_readers_are_as_many_as_their_cpu_asks_for() -> None:
    scaler = of_kind("HorizontalPodAutoscaler")
    assert set(scaler) == {"reader"}
    spec, reader = scaler["reader"]["spec"], WORKLOADS["reader"]
    assert spec["scaleTargetRef"] == {key: reader[key] for key in ("apiVersion", "kind")} | {
        "name": reader["metadata"]["name"]
    }
    assert "replicas" not in reader["spec"], "each apply would take the number back"
    (metric,) = spec["metrics"]
    assert metric["resource"]["name"] == "cpu"
    assert "cpu" in CONTAINERS["reader"]["resources"]["requests"], "what the share is of"
    assert spec["minReplicas"] < spec["maxReplicas"]


@pytest.mark.parametrize("part", WORKLOADS)
def test_memory_and_disks_have_bounds_and_cpu_has_none(part: str) -> None:
    """A part that compiles, or catches up, may take what is free."""
    resources, volumes = CONTAINERS[part]["resources"], PODS[part]["spec"]["volumes"]
    assert set(resources["requests"]) == {"cpu", "memory"}
    assert set(resources["limits"]) == {"memory"}
    assert all("sizeLimit" in volume["emptyDir"] for volume in volumes if "emptyDir" in volume)


@pytest.mark.parametrize("part", WORKLOADS)
def test_what_is_written_to_is_a_volume(part: str) -> None:
    (cache,) = re.findall(r"NUMBA_CACHE_DIR=(\S+)", DOCKERFILE)
    mounts = {mount["mountPath"]: mount["name"] for mount in CONTAINERS[part]["volumeMounts"]}
    kinds = {volume["name"]: next(iter(volume.keys() - {"name"})) for volume in PODS[part]["spec"]["volumes"]}
    assert set(mounts.values()) == set(kinds)
    assert kinds[mounts[str(Path(cache).parent)]] == kinds[mounts["/tmp"]] == "emptyDir"  # noqa: S108 - of the pod
    assert CONTAINERS[part]["securityContext"]["readOnlyRootFilesystem"] is True
    assert PODS[part]["spec"]["automountServiceAccountToken"] is False


def not_restricted(pod: Manifest) -> Iterator[str]:
    """What breaks the Pod Security Standard `restricted` in a pod's spec; what it allows and nobody here needs, too."""
    context = pod.get("securityContext", {})
    yield from ({"hostNetwork", "hostPID", "hostIPC", "initContainers", "ephemeralContainers"} & set(pod))
    yield from (set(context) - {"runAsNonRoot", "runAsUser", "runAsGroup", "fsGroup", "seccompProfile"})
    yield from (kind for volume in pod.get("volumes", []) for kind in volume if kind not in {"name", *VOLUMES})
    for container in pod["containers"]:
        yield from not_restricted_alone(context, container)


def not_restricted_alone(of_pod: Manifest, container: Manifest) -> Iterator[str]:
    """Of a container: what it says goes before what the pod says."""
    own = container.get("securityContext", {})
    both = of_pod | own
    taken = {"allowPrivilegeEscalation", "readOnlyRootFilesystem", "capabilities", *of_pod}
    yield from (set(own) - taken)
    rules = {
        "allowPrivilegeEscalation": own.get("allowPrivilegeEscalation") is False,
        "runAsNonRoot": both.get("runAsNonRoot") is True,
        "runAsUser": both.get("runAsUser", 0) > 0,
        "seccompProfile": both.get("seccompProfile") == {"type": "RuntimeDefault"},
        "capabilities": own.get("capabilities") == {"drop": ["ALL"]},
        "hostPort": not any("hostPort" in port for port in container.get("ports", [])),
        "host": '"host"'
        not in json.dumps({n: container[n] for n in container if n.endswith("Probe") or n == "lifecycle"}),
    }
    yield from (name for name, kept in rules.items() if not kept)


class TestRestricted:
    @pytest.mark.parametrize("part", WORKLOADS)
    def test_every_pod_is(self, part: str) -> None:
        spec = PODS[part]["spec"]
        assert list(not_restricted(spec)) == []
        assert re.search(rf"^USER {spec['securityContext']['runAsUser']}$", DOCKERFILE, re.MULTILINE)

    @pytest.mark.parametrize(
        ("where", "what"),
        [
            ([], {"hostNetwork": True}),
            ([], {"initContainers": [{"name": "other"}]}),
            (["securityContext"], {"sysctls": [{"name": "kernel.shm_rmid_forced", "value": "0"}]}),
            (["securityContext"], {"runAsNonRoot": False}),
            (["securityContext"], {"seccompProfile": {"type": "Unconfined"}}),
            (["volumes", 0], {"hostPath": {"path": "/"}}),
            (["containers", 0, "securityContext"], {"privileged": True}),
            (["containers", 0, "securityContext"], {"runAsUser": 0}),
            (["containers", 0, "securityContext"], {"allowPrivilegeEscalation": True}),
            (["containers", 0, "securityContext"], {"capabilities": {"drop": ["ALL"], "add": ["SYS_ADMIN"]}}),
            (["containers", 0, "ports", 0], {"hostPort": 80}),
            (["containers", 0, "readinessProbe", "httpGet"], {"host": "169.254.169.254"}),
        ],
    )
    def test_a_breach_would_be_found(self, where: list[str | int], what: Manifest) -> None:
        spec: Any = copy.deepcopy(PODS["ingest"]["spec"])
        place = spec
        for step in where:
            place = place[step]
        place |= what
        assert list(not_restricted(spec)) == list(what)


def test_the_folder_of_ones_own_that_operations_shows(load: Load) -> None:
    """docs/operations.md, "Kubernetes"."""
    (shown,) = re.findall(r"```yaml\n(.*?)```", text("operations.md"), re.DOTALL)
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


def test_operations_says_from_which_kubernetes_on() -> None:
    assert f"({VERSIONS[0]} or later)" in text("operations.md")
