"""The broker's jars: fetched once by jgo into a cache, and used only if they match the committed lock."""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path

import msgspec

from shared.contracts.errors import HeadraceError, Unavailable

LOCK_FILE = Path(__file__).with_name("kafka.lock")
BROKER = ("org.apache.kafka", "kafka_2.13")
PARALLEL = 8
TIMEOUT_S = 60

Say = Callable[[str], None]


class JarMismatch(HeadraceError):  # noqa: N818 - what happened, said as one
    """A jar is not the one that the lock names."""


class Jar(msgspec.Struct, frozen=True):
    """One line of the lock."""

    sha256: str
    group: str
    artifact: str
    version: str

    @property
    def filename(self) -> str:
        return f"{self.artifact}-{self.version}.jar"

    def __str__(self) -> str:
        return f"{self.group}:{self.artifact}:{self.version}"


def read_lock(path: Path = LOCK_FILE) -> list[Jar]:
    """The jars in class-path order; lines are ``sha256  group:artifact:version``, ``#`` begins a comment."""
    jars = []
    for line in path.read_text("ascii").splitlines():
        if line and not line.startswith("#"):
            digest, coordinate = line.split()
            jars.append(Jar(digest, *coordinate.split(":")))
    return jars


def kafka_version(jars: list[Jar]) -> str:
    """The version of the broker that a lock describes."""
    return next(jar.version for jar in jars if (jar.group, jar.artifact) == BROKER)


def ensure_jars(cache: Path, say: Say, lock: Path = LOCK_FILE) -> list[Path]:
    """The class path: every jar of the lock, present in ``cache`` and checked; what is missing is fetched."""
    jars, cache = read_lock(lock), cache.absolute()  # the broker runs in another folder
    cache.mkdir(parents=True, exist_ok=True)
    with locked(cache / ".lock"):
        missing = [jar for jar in jars if not (cache / jar.filename).is_file()]
        if missing:
            _fetch(cache, missing, kafka_version(jars), say)
        _check(cache, jars)
    return [cache / jar.filename for jar in jars]


def _check(folder: Path, jars: list[Jar]) -> None:
    with ThreadPoolExecutor(PARALLEL) as pool:
        digests = pool.map(sha256_of, [folder / jar.filename for jar in jars])
        wrong = [jar for jar, digest in zip(jars, digests, strict=True) if digest != jar.sha256]
    if wrong:
        names = ", ".join(str(folder / jar.filename) for jar in wrong)
        raise JarMismatch(f"not the jars of {LOCK_FILE.name}, by sha256: {names}; remove them to fetch them anew")


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fetch(cache: Path, missing: list[Jar], version: str, say: Say) -> None:
    say(f"fetching {len(missing)} jars of Apache Kafka {version} (once)")
    partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=cache))
    try:
        with ThreadPoolExecutor(PARALLEL) as pool:
            fetched = {pool.submit(_fetch_one, partial, jar): jar for jar in missing}
            size = 0
            for done, future in enumerate(as_completed(fetched), 1):
                jar, path = fetched[future], future.result()
                _check(path.parent, [jar])
                size += path.stat().st_size
                path.replace(cache / jar.filename)
                if done % 5 == 0 or done == len(missing):
                    say(f"  {done} of {len(missing)} jars, {size / 1e6:.0f} MB")
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _fetch_one(folder: Path, jar: Jar) -> Path:
    """Maven's addresses are for jgo to know; it gets its own folder, so that nothing of ``~/.m2`` is used."""
    import requests
    from jgo.config import GlobalSettings
    from jgo.constants import MAVEN_CENTRAL_URL
    from jgo.maven import MavenContext

    repositories = {"central": MAVEN_CENTRAL_URL} | GlobalSettings.load().repositories
    context = MavenContext(repo_cache=folder, remote_repos=repositories, local_repos=[], timeout=TIMEOUT_S)
    artifact = context.project(jar.group, jar.artifact).at_version(jar.version).artifact()
    try:
        path = artifact.resolve()
    except (requests.RequestException, RuntimeError) as error:
        raise Unavailable(f"{jar} could not be fetched, and is not in the cache: {error}") from error
    return Path(path)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Others that want the same cache wait here; the kernel lets go when a holder dies."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
