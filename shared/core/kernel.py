"""numba's compiler with types: kernels are cached on disk, release the GIL, and keep IEEE order (no fastmath)."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

F = TypeVar("F", bound=Callable[..., Any])

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]


def kernel(function: F) -> F:
    """Compile on first call; ``kernel(f).py_func`` is the plain-Python twin that tests compare with."""
    return cast("F", numba.njit(cache=True, nogil=True)(function))
