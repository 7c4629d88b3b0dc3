"""Starts a program that ends when its parent does, even by kill -9: ``python child.py PARENT program …``.

Linux only asks the kernel (PR_SET_PDEATHSIG) and becomes the program. No ``preexec_fn``: that is unsafe beside threads.
The kernel watches the *thread* that started it: start children from a thread that lives as long as they should.
Runs isolated (``-I -S``), so it imports the standard library only.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

PR_SET_PDEATHSIG = 1


def tied_to_parent(argv: Sequence[str]) -> list[str]:
    """The command that runs ``argv`` as a child of this process and gets SIGTERM when this process is gone."""
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), *argv]


def die_with_parent(parent: int) -> None:
    """Ask for SIGTERM at the parent's death; end at once if it is dead already."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(128 + signal.SIGTERM)


if __name__ == "__main__":
    die_with_parent(int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 - the point of it: no shell, same process
