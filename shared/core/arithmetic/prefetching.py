"""``prefetch(array, row, place)``: a hint to the processor that an entry of a row will be read soon. Changes nothing.

Of arrays of up to three axes; of three, the entry stands in the first of the middle one, of one it is the row.
"""

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

tools = cast("Any", cgutils)  # has no types


def _prefetch(context: Any, array: Any, row: Any, place: Any) -> Any:
    """LLVM's instruction of that name, for reading and all caches."""
    del context
    return types.void(array, row, place), _generate


def _generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    kind = signature.args[0]
    held = context.make_array(kind)(context, builder, arguments[0])
    row, place = (
        context.cast(builder, value, of, types.intp)
        for value, of in zip(arguments[1:], signature.args[1:], strict=True)
    )
    indices = {1: [row], 2: [row, place], 3: [row, context.get_constant(types.intp, 0), place]}[kind.ndim]
    address = tools.get_item_pointer(context, builder, kind, held, indices)
    byte, word = ir.IntType(8).as_pointer(), ir.IntType(32)
    shape = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
    hint = tools.get_or_insert_function(builder.module, shape, "llvm.prefetch.p0i8")
    builder.call(hint, [builder.bitcast(address, byte), word(0), word(3), word(1)])
    return context.get_dummy_value()


prefetch = cast("Callable[[np.ndarray, int, int], None]", intrinsic(_prefetch))
