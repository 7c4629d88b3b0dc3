"""Python's search for objects that hold one another, made rare: in the processes of ours that events or answers pass
through, next to nothing makes such cycles.

By default it looks through what is new whenever there are 700 objects more than were freed, and now and then through
all there are. A batch of records is thousands that are all in use: looking took two fifths of ingest's CPU.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

MORE = 50_000
"""Objects, net, before what is new is looked through."""


def look_seldom() -> None:
    """From now on, also where nothing did while the process started; what there is now is never looked at again. Once
    all is imported and built.
    """
    gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(MORE)


@contextmanager
def not_looking() -> Iterator[None]:
    """While a state is taken, say: of hundreds of thousands of lists that are all in use none is looked through."""
    looked = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looked:
            gc.enable()
