"""docs/going-live.md is walked: every command in its order, on a stack of its own, then every language's program."""

import csv
import gzip
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from services.cli.main import COMMANDS
from services.stack.embedded import default_home, default_jars
from services.stack.ports import free_ports
from shared.contracts.settings import Settings, env_name
from tests.docs.blocks import blocks, text

DOCUMENT = "going-live.md"
PROGRAMS = blocks(DOCUMENT, "run")
ORDER = ["profile.sh", "start.sh", "items.sh", "backfill.sh", "verify.sh"]
RECIPES = {"recommend.py", "recommend.mjs", "Recommend.java", "recommend.go"}
ROOT = Path(__file__).parents[2]
YEAR_MS = 365 * 86_400_000
ITEMS, USERS, EVENTS = 40, 60, 3000
PATIENCE_S = 300.0


def test_every_program_is_run() -> None:
    assert set(PROGRAMS) == {*ORDER, "lists.sh", *RECIPES}


def test_the_commands_exist() -> None:
    lines = [line for name in [*ORDER, "lists.sh"] for line in PROGRAMS[name].splitlines()]
    named = {line.split()[1] for line in lines if line.startswith("headrace ")}
    assert named <= set(COMMANDS)
    assert {"profile", "run", "import-items", "replay", "lag", "verify"} <= named


def write_files(folder: Path) -> None:
    """A year of a small shop, the catalogue of it, and lists of another model."""
    dice, now = random.Random(3), time.time_ns() // 1_000_000
    with gzip.open(folder / "events.csv.gz", "wt") as file:
        rows = csv.writer(file)
        rows.writerow(["timestamp", "user_id", "item_id", "event", "price"])
        for n in range(EVENTS):
            user, at = dice.randrange(USERS), now - YEAR_MS + n * (YEAR_MS // EVENTS)
            item = (user + dice.randrange(8)) % ITEMS
            rows.writerow([at, f"u{user}", f"i{item}", dice.choice(["view", "buy"]), 5])
    with (folder / "items.csv").open("w") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "name", "category", "price"])
        rows.writerows([f"i{n}", f"Thing {n}", f"Home > Room {n % 4}", n + 0.5] for n in range(ITEMS))
    (folder / "nightly.csv").write_text("user,item,score\nu1,i20,2\nu1,i21,1\n")


@dataclass(frozen=True)
class Live:
    """What was walked: where it stands, and what the commands have said."""

    folder: Path
    environment: dict[str, str]
    said: str


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("live")
    write_files(folder)
    environment = _environment(folder)
    script = "set -e\n" + "\n".join(PROGRAMS[name] for name in ORDER) + '\necho "$HEADRACE_REDIS_URL" > redis\n'
    try:
        said = run(["bash", "-c", script], environment, folder)
        place = (folder / "redis").read_text().strip().removeprefix("redis://").split("/")[0]
        environment |= {"REDIS": place, "READER": f"http://127.0.0.1:{environment['HEADRACE_READER_PORT']}"}
        _wait_for(f"{environment['READER']}/readyz")
        yield Live(folder, environment, said)
    finally:
        _end(folder, environment)


def _wait_for(ready: str) -> None:
    """On a busy machine the reader may still be starting when all the rest is done."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            with urlopen(ready, timeout=PATIENCE_S) as answer:  # noqa: S310 - our own process
                assert answer.status == 200
                return
        except OSError:
            assert time.monotonic() < deadline, "the reader is not ready"
            time.sleep(0.2)


def _environment(folder: Path) -> dict[str, str]:
    """With a `headrace` that is this checkout's; ports that nobody has."""
    tools = folder / "bin"
    tools.mkdir()
    (tools / "headrace").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m services.cli "$@"\n')
    (tools / "headrace").chmod(0o755)
    reader, collector = free_ports([None, None])
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HEADRACE_")}
    return clean | {
        "PATH": os.pathsep.join([str(tools), os.environ["PATH"]]),
        "PYTHONPATH": str(ROOT),
        "HEADRACE_HOME": str(folder / "home"),
        "HEADRACE_JARS": str(default_jars(default_home())),
        "HEADRACE_READER_PORT": str(reader),
        "HEADRACE_COLLECTOR_PORT": str(collector),
        "DEADLINE_MS": "20000",
    }


def _end(folder: Path, environment: dict[str, str]) -> None:
    """The parts that run in the background, then the stack."""
    told = folder / "home" / "run.json"
    if told.is_file():
        parts = psutil.Process(json.loads(told.read_text())["pid"])
        parts.terminate()
        parts.wait(60)
    run(["headrace", "down"], environment, folder)


def run(argv: list[str], environment: dict[str, str], folder: Path) -> str:
    """What it says on standard output."""
    argv = [shutil.which(argv[0], path=environment["PATH"]) or argv[0], *argv[1:]]
    done = subprocess.run(argv, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    log = folder / "headrace.log"
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{log.read_text()[-3000:] if log.is_file() else ''}"
    return done.stdout + done.stderr


@pytest.mark.stack
@pytest.mark.timeout(1500)
class TestWalk:
    def test_the_commands_say_what_the_page_promises(self, live: Live) -> None:
        assert f"{EVENTS:,}" in live.said
        assert f"{ITEMS} items sent" in live.said
        assert "equal" in live.said.splitlines()
        assert "headrace import-items items.csv" in live.said, "the profile proposes the next step"
        for name in ("rejected-items.tsv", "rejected-events.tsv"):
            assert (live.folder / name).read_text() == ""

    def test_python(self, live: Live) -> None:
        check(live, [sys.executable, "-c", PROGRAMS["recommend.py"]])

    def test_node(self, live: Live) -> None:
        (live.folder / "recommend.mjs").write_text(PROGRAMS["recommend.mjs"])
        check(live, [tool("node"), "recommend.mjs"])

    def test_java(self, live: Live) -> None:
        javac, java = tool("javac"), tool("java")
        (live.folder / "Recommend.java").write_text(PROGRAMS["Recommend.java"])
        run([javac, "Recommend.java"], live.environment, live.folder)
        check(live, [java, "-cp", ".", "Recommend"])

    def test_go(self, live: Live) -> None:
        go, home = tool("go"), {"HOME": str(live.folder), "GOCACHE": str(live.folder / "go-cache")}
        (live.folder / "recommend.go").write_text(PROGRAMS["recommend.go"])
        run([go, "build", "-o", "recommend", "recommend.go"], live.environment | home, live.folder)
        check(live, [str(live.folder / "recommend")])

    def test_lists_of_a_model_of_ones_own(self, live: Live) -> None:
        script = f'set -e\neval "$(headrace up)"\n{PROGRAMS["lists.sh"]}'
        run(["bash", "-c", script], live.environment, live.folder)
        host, port = live.environment["REDIS"].split(":")
        with socket.create_connection((host, int(port)), 10) as redis:
            redis.sendall(b"GET batch:u1\r\n")
            assert b'"items":["i20","i21"]' in redis.recv(4096)


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"no {name} on PATH")
    return found


def check(live: Live, argv: list[str]) -> None:
    """A user's list over HTTP; what trends if the reader is away or silent; nothing, and no error, without Redis."""

    def asked(**more: str) -> dict[str, object]:
        found: dict[str, object] = json.loads(run([*argv, "u1"], live.environment | more, live.folder))
        return found

    assert asked()["user_id"] == "u1"
    assert asked()["items"]
    assert asked(READER="http://127.0.0.1:9")["source"] == "trending"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = f"127.0.0.1:{silent.getsockname()[1]}"
        began = time.monotonic()
        assert asked(READER=f"http://{place}", DEADLINE_MS="1000")["source"] == "trending"
        assert time.monotonic() - began < 60
        assert asked(READER="http://127.0.0.1:9", REDIS=place, DEADLINE_MS="1000") == {"items": []}


def test_the_settings_that_are_named_exist() -> None:
    named = set(re.findall(r"HEADRACE_[A-Z_]+[A-Z]", text(DOCUMENT)))
    known = {env_name(place) for place in ([name, *inner] for name, inner in _places())}
    assert {"HEADRACE_READER_BATCH_WEIGHT", "HEADRACE_IDENTITY_USER_SECRET"} <= named <= known


def _places() -> Iterator[tuple[str, list[str]]]:
    for name, field in Settings.model_fields.items():
        inner = getattr(field.annotation, "model_fields", {})
        yield from ((name, [part]) for part in inner)
