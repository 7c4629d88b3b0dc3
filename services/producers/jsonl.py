"""JSON Lines as flat objects: nested objects become dotted names, a list of events becomes an object each."""

from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any

import msgspec

from shared.contracts import reasons
from shared.contracts.decoding import DECODE_ERRORS
from shared.contracts.errors import BadRecord
from shared.contracts.events import bad_json

NESTED = ("events", "interactions", "actions", "clicks", "history")  # lists that hold the events of one session
_DECODER = msgspec.json.Decoder()
MAX_LINE = 64_000_000


def objects(
    stream: IO[bytes], reject: Callable[[str, BadRecord], None], lists: Sequence[str] = NESTED
) -> Iterator[tuple[str, dict[str, Any]]]:
    """(line, fields) of each object; ``17.3`` is the third event within line 17, of the first of ``lists`` it has."""
    line, names = 0, frozenset(lists)
    while raw := stream.readline(MAX_LINE):
        line += 1
        if line == 1:
            raw = raw.removeprefix(BOM_UTF8)
        if not raw.strip():
            continue
        try:
            found = _DECODER.decode(raw)
        except DECODE_ERRORS as error:
            reject(str(line), bad_json(error, raw))
            continue
        if not isinstance(found, dict):
            reject(str(line), BadRecord(reasons.WRONG_TYPE, "the line is not a JSON object"))
            continue
        if names.isdisjoint(found):
            yield str(line), _flat(found)
        else:
            yield from _events_of(str(line), found, lists)


def _events_of(line: str, found: dict[str, Any], lists: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    name = next((n for n in lists if _is_list_of_objects(found.get(n))), None)
    if name is None:
        yield line, _flat(found)
        return
    outer = _flat({k: v for k, v in found.items() if k != name})
    for n, inner in enumerate(found[name], 1):
        yield f"{line}.{n}", {**outer, **_flat(inner)}


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)


def _flat(found: dict[str, Any]) -> dict[str, Any]:
    """One level of nesting opened: ``{"user": {"id": 1}}`` → ``{"user.id": 1}``."""
    if dict not in map(type, found.values()):
        return found
    flat: dict[str, Any] = {}
    for name, value in found.items():
        if isinstance(value, dict):
            flat.update((f"{name}.{inner}", v) for inner, v in value.items())
        else:
            flat[name] = value
    return flat
