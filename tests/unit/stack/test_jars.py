"""The lock of the broker's jars, and what is done with a jar that it does not name."""

import hashlib
import re
from pathlib import Path

import pytest

from services.stack import jars
from services.stack.jars import Jar, JarMismatch, ensure_jars, kafka_version, read_lock
from shared.contracts.errors import Unavailable


def silent(_: str) -> None:
    pass


def lock_of(path: Path, contents: dict[str, bytes]) -> Path:
    lines = [f"{hashlib.sha256(content).hexdigest()}  org.example:{name}:1.0" for name, content in contents.items()]
    lines.append(f"{hashlib.sha256(b'broker').hexdigest()}  org.apache.kafka:kafka_2.13:4.9.9")
    path.write_text("# a comment\n" + "\n".join(lines) + "\n")
    return path


def fill(cache: Path, contents: dict[str, bytes]) -> None:
    cache.mkdir()
    for name, content in contents.items():
        (cache / f"{name}-1.0.jar").write_bytes(content)
    (cache / "kafka_2.13-4.9.9.jar").write_bytes(b"broker")


def no_network(folder: Path, jar: Jar) -> Path:
    raise AssertionError(f"{jar} is not to be fetched into {folder}")


class TestCommittedLock:
    def test_names_a_broker_of_kraft_age(self) -> None:
        major, minor, _ = (int(part) for part in kafka_version(read_lock()).split("."))
        assert (major, minor) >= (4, 1)

    def test_has_a_digest_and_a_coordinate_per_line_and_no_address(self) -> None:
        for line in jars.LOCK_FILE.read_text("ascii").splitlines()[1:]:
            assert re.fullmatch(r"[0-9a-f]{64}  [\w.-]+:[\w.-]+:[\w.-]+", line)

    def test_file_names_do_not_collide(self) -> None:
        names = [jar.filename for jar in read_lock()]
        assert len(set(names)) == len(names)


class TestCache:
    def test_a_full_cache_needs_no_network(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(jars, "_fetch_one", no_network)
        lock = lock_of(tmp_path / "lock", {"a": b"a", "b": b"b"})
        fill(tmp_path / "cache", {"a": b"a", "b": b"b"})
        found = ensure_jars(tmp_path / "cache", silent, lock)
        assert [path.name for path in found] == ["a-1.0.jar", "b-1.0.jar", "kafka_2.13-4.9.9.jar"]

    def test_the_class_path_holds_from_any_folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        lock = lock_of(tmp_path / "lock", {"a": b"a"})
        fill(tmp_path / "cache", {"a": b"a"})
        assert all(path.is_absolute() for path in ensure_jars(Path("cache"), silent, lock))

    def test_a_jar_with_another_checksum_is_refused_by_name(self, tmp_path: Path) -> None:
        lock = lock_of(tmp_path / "lock", {"a": b"a", "b": b"b"})
        fill(tmp_path / "cache", {"a": b"a", "b": b"tampered"})
        with pytest.raises(JarMismatch, match=r"cache/b-1\.0\.jar; remove") as caught:
            ensure_jars(tmp_path / "cache", silent, lock)
        assert "a-1.0.jar" not in str(caught.value)

    def test_what_is_missing_is_fetched_and_told(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        fetched, told = [], list[str]()

        def fetch(folder: Path, jar: Jar) -> Path:
            fetched.append(jar.artifact)
            path = folder / jar.artifact / jar.filename
            path.parent.mkdir()
            path.write_bytes(jar.artifact.encode())
            return path

        monkeypatch.setattr(jars, "_fetch_one", fetch)
        lock = lock_of(tmp_path / "lock", {"a": b"a", "b": b"b"})
        fill(tmp_path / "cache", {"a": b"a"})
        ensure_jars(tmp_path / "cache", told.append, lock)
        assert fetched == ["b"]
        assert told[0] == "fetching 1 jars of Apache Kafka 4.9.9 (once)"
        assert sorted(p.name for p in (tmp_path / "cache").iterdir()) == [
            ".lock",
            "a-1.0.jar",
            "b-1.0.jar",
            "kafka_2.13-4.9.9.jar",
        ]

    def test_a_wrong_jar_from_outside_never_enters_the_cache(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fetch(folder: Path, jar: Jar) -> Path:
            path = folder / jar.filename
            path.write_bytes(b"something else")
            return path

        monkeypatch.setattr(jars, "_fetch_one", fetch)
        lock = lock_of(tmp_path / "lock", {"a": b"a"})
        fill(tmp_path / "cache", {})
        with pytest.raises(JarMismatch):
            ensure_jars(tmp_path / "cache", silent, lock)
        assert not list((tmp_path / "cache").glob("a-*"))

    def test_without_network_the_error_says_which_jar(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        monkeypatch.setenv("NO_PROXY", "")
        monkeypatch.setenv("no_proxy", "")
        lock = lock_of(tmp_path / "lock", {})
        with pytest.raises(Unavailable, match=r"org\.apache\.kafka:kafka_2\.13:4\.9\.9 could not be fetched"):
            ensure_jars(tmp_path / "cache", silent, lock)
