"""deploy/kubernetes/: manifests that clusters take, of the parts as they are. (No cluster is needed, nor kubectl.)"""

import copy
import re
from pathlib import Path

import kubernetes_validate
import pytest

from services.cli.main import COMMANDS
from tests.docs.blocks import text
from tests.unit.kubernetes.manifests import (
    COMPOSE,
    CONTAINERS,
    DOCKERFILE,
    FOLDER,
    KUSTOMIZATION,
    MANIFESTS,
    PODS,
    SECRET,
    WORKLOADS,
    of_kind,
)

# operations.md says from which one on
VERSIONS = ["1.27", "1.30", "1.33", kubernetes_validate.latest_version()]


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


def test_operations_says_from_which_kubernetes_on() -> None:
    assert f"({VERSIONS[0]} or later)" in text("operations.md")
