"""Small logs written by the tests themselves."""

import gzip
from pathlib import Path
from typing import Any

from services.producers.layouts import Wanted
from services.producers.reading import Log, open_log, records
from services.producers.records import Record
from services.producers.rejects import Rejects
from shared.contracts.errors import BadRecord
from shared.contracts.settings import Settings

SETTINGS = Settings()


def write(folder: Path, text: str | bytes, name: str = "log") -> Path:
    path = folder / name
    raw = text.encode() if isinstance(text, str) else text
    path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    return path


def opened(folder: Path, text: str | bytes, wanted: Wanted | None = None, name: str = "log", **more: Any) -> Log:
    return open_log(write(folder, text, name), SETTINGS, wanted, **more)


def read(log: Log) -> tuple[list[Record], list[tuple[str, str, str]]]:
    """(records, rejected rows as (where, reason, field))."""
    bad: list[tuple[str, str, str]] = []

    def tell(_file: str, where: str, why: BadRecord) -> None:
        bad.append((where, why.reason, why.field or ""))

    return list(records(log, Rejects(tell))), bad


def spoilt(packed: bytes) -> bytes:
    """Sixty bytes in the middle are other ones."""
    middle = len(packed) // 2
    return packed[:middle] + bytes(byte ^ 0x5A for byte in packed[middle : middle + 60]) + packed[middle + 60 :]
