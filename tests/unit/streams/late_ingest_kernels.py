"""Which kernels ingest compiles after it has started: run in a process of its own, it prints their names."""

import json
import sys
from typing import Any, cast

from shared.contracts.settings import load_settings
from shared.core.arithmetic.digests import FEW
from shared.core.frames.batch_frames import compile_kernels
from streams.intake.intake import AT_ONCE, Intake
from tests.unit.streams.late_kernels import signatures
from tests.unit.streams.test_intake import Delivery, message


def run() -> None:
    """Batches of few and of many, with what is plain and what is not, with known ids and new ones."""
    compile_kernels()
    before = signatures()
    delivery = Delivery()
    intake = Intake(load_settings(identity={"aliases": {"i1": "i2"}}), cast("Any", delivery))
    for size in (1, FEW, AT_ONCE, 4 * AT_ONCE):
        more: tuple[dict[str, Any], ...] = (
            {},
            {"event_id": "e"},
            {"session_id": "s", "value": 0.5},
            {"context": {"a": 1}},
        )
        given = (message("view", n, user_id=f"u{n}", item_id=f"i{n % 9}", **more[n % len(more)]) for n in range(size))
        intake.take(cast("Any", list(given)))
        intake.send()
    after = signatures()
    sys.stdout.write(json.dumps({"sent": len(delivery.values), "late": [n for n in after if after[n] != before[n]]}))


if __name__ == "__main__":
    run()
