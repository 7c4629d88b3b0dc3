"""Every pod keeps the Pod Security Standard `restricted`."""

import copy
import re
from typing import Any

import pytest

from tests.unit.kubernetes.manifests import DOCKERFILE, PODS, WORKLOADS, Manifest
from tests.unit.kubernetes.restricted import not_restricted


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
