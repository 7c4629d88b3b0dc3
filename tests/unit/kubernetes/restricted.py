"""The Pod Security Standard `restricted`, as rules."""

import json
from collections.abc import Iterator

from tests.unit.kubernetes.manifests import Manifest

VOLUMES = {
    "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret",
}  # fmt: skip
"""Kinds that the Pod Security Standard `restricted` lets a pod have."""


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
