"""Named places at which a test can have a process die, as by ``kill -9``, or stand still, exactly there.

``$FAILPOINTS`` names a folder; a file in it that is called like a point ends the first process that comes to the point,
and is gone then; a number in it is that of another signal to send itself. Without the variable, which no part of ours
sets, a point is one comparison.
"""

import os
import signal
from contextlib import suppress
from pathlib import Path

FOLDER = os.environ.get("FAILPOINTS", "")

INGEST_PRODUCED = "ingest-produced"  # frames are queued, the log has not answered
INGEST_LANDED = "ingest-landed"  # they are in the log, not committed
INGEST_COMMITTED = "ingest-committed"
WORKER_APPLIED = "worker-applied"  # the state has changed, deltas are queued
WORKER_PUBLISHED = "worker-published"  # views are written, nothing is acknowledged
WORKER_LANDED = "worker-landed"  # deltas are in the log, nothing is acknowledged
WORKER_ACKNOWLEDGED = "worker-acknowledged"
CHECKPOINT_FLUSHED = "checkpoint-flushed"  # before its transaction
CHECKPOINT_WRITTEN = "checkpoint-written"  # in it: written, not committed
CHECKPOINT_SAVED = "checkpoint-saved"  # after it
POINTS = (
    INGEST_PRODUCED,
    INGEST_LANDED,
    INGEST_COMMITTED,
    WORKER_APPLIED,
    WORKER_PUBLISHED,
    WORKER_LANDED,
    WORKER_ACKNOWLEDGED,
    CHECKPOINT_FLUSHED,
    CHECKPOINT_WRITTEN,
    CHECKPOINT_SAVED,
)


def reach(point: str) -> None:
    """Die or stop here, if that is what the point's file says."""
    if FOLDER:
        with suppress(OSError):
            file = Path(FOLDER, point)
            number = int(file.read_text() or signal.SIGKILL)
            file.unlink()  # whoever takes it away is the one who dies
            os.kill(os.getpid(), number)
