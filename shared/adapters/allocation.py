"""What arrays leave behind when they grow goes back to the system.

glibc raises the size from which memory is mapped on its own, and given back at once, to that of what was last given
back: arrays that grow by a quarter at a time then leave holes in a heap that never shrinks, as large as the arrays.

What is free at the heap's end is kept up to some megabytes: a record's columns are made where those of the one before
were let go. Given back at every megabyte, each record met new pages, which was a fifth of a busy worker's CPU.
"""

import ctypes

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # malloc.h
MAPPED_BYTES = 1_048_576
TRIMMED_BYTES = 16_777_216


def give_back() -> bool:
    """Whether the C library lets the sizes be fixed (glibc does, others need not). Before arrays grow."""
    set_to = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_to is None:
        return False
    return bool(set_to(M_MMAP_THRESHOLD, MAPPED_BYTES) and set_to(M_TRIM_THRESHOLD, TRIMMED_BYTES))
