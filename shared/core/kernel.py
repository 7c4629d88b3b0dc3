"""numba's compiler with types: kernels are cached on disk, release the GIL, and keep IEEE order (no fastmath).

numba's cache looks only at the file of the kernel that is called: after a change in one that this calls it would go on
with the old code. So each state of this folder's sources has a cache of its own; the latest few are kept.
"""

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

F = TypeVar("F", bound=Callable[..., Any])

_njit = cast("Any", numba.njit)  # whose types leave out whether references are counted

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Halves = npt.NDArray[np.float16]
Flags = npt.NDArray[np.bool_]
Tinies = npt.NDArray[np.int8]

CACHE = "headrace-kernels-"
KEPT = 3  # caches of other states: a volume may be shared by two versions for a while


def sources_digest(folder: Path) -> str:
    """Of every module below the folder."""
    digest = blake2b(digest_size=8)
    for module in sorted(folder.rglob("*.py")):
        digest.update(module.relative_to(folder).as_posix().encode() + b"\0" + module.read_bytes() + b"\0")
    return digest.hexdigest()


def cache_folder(sources: Path, within: Path) -> Path:
    """Where the kernels of these sources are kept: below ``within``. Of caches of other states the oldest go."""
    mine = within / f"{CACHE}{sources_digest(sources)}"
    others = [other for other in within.glob(f"{CACHE}*") if other != mine]
    for other in sorted(others, key=lambda folder: folder.stat().st_mtime)[:-KEPT]:
        shutil.rmtree(other, ignore_errors=True)
    return mine


def _keep_by_sources() -> None:
    """In ``NUMBA_CACHE_DIR``, or beside the sources where they may be written to; else where numba finds a place."""
    here = Path(__file__).parent
    within = Path(os.environ.get("NUMBA_CACHE_DIR") or here / "__pycache__")
    with suppress(OSError):
        within.mkdir(parents=True, exist_ok=True)
        mine = cache_folder(here, within)
        mine.mkdir(exist_ok=True)
        cast("Any", numba.config).CACHE_DIR = str(mine)


_keep_by_sources()


def kernel(function: F) -> F:
    """Compile on first call; ``kernel(f).py_func`` is the plain-Python twin that tests compare with.

    It works on the arrays that it is given, makes none and returns none, so numba counts no references to them. Kernels
    that call it have it compiled into them. Both matter: a call costs seven words for every array, counting two locked
    additions for many a one, which for what is done for each of many pairs is more than all else.
    """
    return cast("F", _njit(cache=True, nogil=True, forceinline=True, _nrt=False)(function))


def making_kernel(function: F) -> F:
    """One that makes arrays, or calls one that returns some."""
    return cast("F", _njit(cache=True, nogil=True, forceinline=True, _nrt=True)(function))


def short_kernel(function: F) -> F:
    """One of microseconds, called beside threads that want the interpreter's lock: giving it up would cost more."""
    return cast("F", _njit(cache=True, forceinline=True, _nrt=True)(function))
