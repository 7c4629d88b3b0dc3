"""docker-compose.yml and deploy/: valid, pinned, and the same stack as the embedded one. (No Docker is needed.)"""

import importlib.util
import json
import os
import re
import signal
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from services.cli.main import COMMANDS
from services.stack.jars import kafka_version, read_lock
from services.stack.kafka_server import HEAP, SETTINGS
from shared.contracts.settings import load_settings

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
PARTS = sorted(set(SERVICES) - {"kafka", "redis", "prometheus", "grafana"})
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text("utf-8")
# what a container's network, and its image's way to be configured, need beyond the embedded broker's settings
ONLY_HERE = {
    "advertised.listeners",
    "controller.quorum.voters",
    "heap.opts",
    "listener.security.protocol.map",
    "listeners",
    "log.dirs",
}


def compose_schema() -> Any:
    """check-jsonschema ships it; its package is not imported, since that is a program."""
    found = importlib.util.find_spec("check_jsonschema")
    assert found is not None
    assert found.submodule_search_locations is not None
    folder = Path(found.submodule_search_locations[0])
    return json.loads((folder / "builtin_schemas" / "vendor" / "compose-spec.json").read_text("utf-8"))


def test_it_is_a_compose_file() -> None:
    jsonschema.validate(COMPOSE, compose_schema())


def test_the_schema_would_find_a_slip() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"services": {"kafka": {"imagine": "apache/kafka"}}}, compose_schema())


def test_every_image_is_pinned_to_a_release() -> None:
    for service in SERVICES.values():
        assert re.fullmatch(r"[\w/]+:v?\d+\.\d+\.\d+(-alpine)?", service["image"])


def test_the_broker_is_the_embedded_one() -> None:
    kafka = SERVICES["kafka"]
    assert kafka["image"] == f"apache/kafka:{kafka_version(read_lock())}"
    environment = kafka["environment"]
    said = {
        name.removeprefix("KAFKA_").lower().replace("_", "."): value
        for name, value in environment.items()
        if name.startswith("KAFKA_")
    }
    assert {name: value for name, value in said.items() if name not in ONLY_HERE} == SETTINGS
    assert environment["KAFKA_HEAP_OPTS"].split() == list(HEAP)
    assert re.fullmatch(r"[\w-]{21}[AQgw]", environment["CLUSTER_ID"]), "16 bytes in base64"


def test_redis_keeps_nothing_as_the_embedded_one() -> None:
    command = SERVICES["redis"]["command"]
    assert command == ["redis-server", "--save", "", "--appendonly", "no"]


@pytest.mark.parametrize("name", PARTS)
def test_a_parts_variables_are_settings(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for variable in [v for v in os.environ if v.startswith("HEADRACE_")]:
        monkeypatch.delenv(variable)
    for variable, value in SERVICES[name]["environment"].items():
        assert variable.startswith("HEADRACE_")
        monkeypatch.setenv(variable, value)
    settings = load_settings()  # refuses what is none
    assert settings.kafka.bootstrap_servers == "kafka:19092"
    assert settings.redis.url == "redis://redis:6379/0"
    if name in {"reader", "collector"}:
        (port,) = SERVICES[name]["ports"]
        edge = getattr(settings, name)
        assert port == f"127.0.0.1:{edge.port}:{edge.port}"
        assert edge.host == "0.0.0.0"  # noqa: S104 - inside the container; published on 127.0.0.1
    else:
        assert str(settings.metrics.port) in SERVICES[name]["healthcheck"]["test"][-1]


@pytest.mark.parametrize("name", PARTS)
def test_a_part_waits_for_the_stack_and_comes_back_with_it(name: str) -> None:
    """When it fails, and when Docker itself has restarted, which ``on-failure`` is not started after."""
    part = SERVICES[name]
    assert part["command"] == [name]
    assert name in COMMANDS
    assert {service: how["condition"] for service, how in part["depends_on"].items()} == {
        "kafka": "service_healthy",
        "redis": "service_healthy",
    }
    assert part["restart"] == SERVICES["kafka"]["restart"] == SERVICES["redis"]["restart"] == "unless-stopped"
    assert part["build"]["dockerfile"] == "deploy/Dockerfile"


def test_every_service_has_a_healthcheck_and_no_open_port() -> None:
    for service in SERVICES.values():
        assert service["healthcheck"]["test"][0] == "CMD"
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_the_image_is_built_from_the_lock_and_runs_without_root() -> None:
    _, *stages = re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)
    assert [stage.split()[0] for stage in stages] == ["python:3.12-slim"] * 2
    assert "--constraints requirements.lock --requirements pyproject.toml" in DOCKERFILE
    assert re.search(r"^USER \d{4,}$", stages[-1], re.MULTILINE)
    makefile = (ROOT / "Makefile").read_text("utf-8")
    (uv,) = re.findall(r"^UV_VERSION := (\S+)$", makefile, re.MULTILINE)
    assert f"uv=={uv}" in DOCKERFILE


def test_what_the_image_copies_exists_and_is_let_through() -> None:
    let_through = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists()
            assert f"!{source}" in let_through


class TestEntrypoint:
    """deploy/entrypoint.sh with a stand-in for `headrace`."""

    @pytest.fixture
    def environment(self, tmp_path: Path) -> dict[str, str]:
        program = tmp_path / "headrace"
        program.write_text('#!/bin/sh\ntrap \'exit 5\' TERM\necho started "$@"\neval "$1"\n')
        program.chmod(0o755)
        return os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}

    def start(self, environment: dict[str, str], script: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["/bin/sh", str(ROOT / "deploy" / "entrypoint.sh"), script],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @pytest.mark.parametrize("status", [0, 1, 3])
    def test_a_status_goes_through(self, environment: dict[str, str], status: int) -> None:
        process = self.start(environment, f"exit {status}")
        _, err = process.communicate()
        assert (process.returncode, err) == (status, "")

    def test_after_78_it_says_so_and_waits_to_be_stopped(self, environment: dict[str, str]) -> None:
        process = self.start(environment, "exit 78")
        assert process.stderr is not None
        assert "a person must decide" in process.stderr.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.2)
        process.send_signal(signal.SIGTERM)
        process.communicate()
        assert process.returncode == 78

    def test_a_signal_reaches_the_part_and_its_status_comes_back(self, environment: dict[str, str]) -> None:
        process = self.start(environment, "while :; do sleep 0.05; done")
        assert process.stdout is not None
        assert process.stdout.readline().startswith("started")
        process.send_signal(signal.SIGTERM)
        process.communicate()
        assert process.returncode == 5
