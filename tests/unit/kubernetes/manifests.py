"""deploy/kubernetes/ as tests read it: what is applied, by the part that it is of."""

from pathlib import Path
from typing import Any

import yaml

Manifest = dict[str, Any]

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "deploy" / "kubernetes"
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text("utf-8")
COMPOSE: Manifest = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["x-part"]


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
