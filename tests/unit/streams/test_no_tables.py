import asyncio
from pathlib import Path
from typing import Any

import pytest

from shared.contracts.settings import load_settings
from streams import app as module
from streams.hosting.no_tables import NoTables


class Consumer:
    """That has been assigned nothing yet."""

    def assignment(self) -> set[object]:
        return set()

    def pause_partitions(self, _partitions: set[object]) -> None: ...


class Recovery:
    started = False

    async def start(self) -> None:
        self.started = True


def test_an_app_without_tables_waits_for_none(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        app, recovery = module._faust_app(load_settings()), Recovery()
        tables: Any = app.tables
        assert isinstance(tables, NoTables)
        monkeypatch.setattr(app, "_consumer", Consumer())
        monkeypatch.setattr(tables, "_recovery", recovery)
        monkeypatch.setattr(NoTables, "sleep", None)
        await tables.on_start()
        await asyncio.wait_for(tables.wait_until_tables_registered(), 10)
        assert recovery.started

    asyncio.run(scene())


def test_it_makes_no_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    module._faust_app(load_settings())._create_directories()
    assert not list(tmp_path.iterdir())
