import json
import os
from pathlib import Path

import pytest

from services.ops.status import AlreadyRunsError, Status, home, run_file


def test_run_json_says_what_runs_and_goes(tmp_path: Path) -> None:
    with run_file(tmp_path / "new") as file:
        file.write([Status("reader", "running", 5, "http://127.0.0.1:1")])
        found = json.loads((tmp_path / "new" / "run.json").read_text())
        assert found["pid"] == os.getpid()
        assert found["parts"][0] | {"restarts": 0} == found["parts"][0]
        assert found["parts"][0]["url"] == "http://127.0.0.1:1"
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["run.lock"]


def test_one_supervisor_per_folder(tmp_path: Path) -> None:
    said = r"runs here already.*HEADRACE_HOME names another"
    with run_file(tmp_path), pytest.raises(AlreadyRunsError, match=said), run_file(tmp_path):
        pass
    with run_file(tmp_path):
        pass


def test_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEADRACE_HOME", raising=False)
    assert home() == Path(".headrace")
    monkeypatch.setenv("HEADRACE_HOME", "/x")
    assert home() == Path("/x")
