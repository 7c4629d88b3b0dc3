"""A worker with a name of its own that is soon back goes on with its partitions: no session is waited for."""

import os
import signal
import time
from pathlib import Path

from shared.contracts.settings import Settings, load_settings
from tests.stack.parts import running, variables_of
from tests.stack.shop import Shop
from tests.waiting import wait_for

SESSION_S = 85  # Faust's request may last 90
SOON_S = 70


def test_a_killed_member_that_is_back_has_its_partitions(settings: Settings, tmp_path: Path) -> None:
    named = load_settings(
        tenant=settings.tenant,
        kafka=settings.kafka.model_dump() | {"instance_id": "here"},
        redis=settings.redis.model_dump(),
    )
    shop, output = Shop(named), tmp_path / "output"
    variables = variables_of(named, HEADRACE_KAFKA_SESSION_TIMEOUT_MS=str(1000 * SESSION_S))
    with running(named, variables, output) as parts:
        shop.send_views()
        wait_for("lists", lambda: shop.whole_in(1), output)
        for status in parts.status():
            assert status.pid is not None
            os.kill(status.pid, signal.SIGKILL)
        killed, sent = time.monotonic(), time.time_ns() // 1_000_000
        shop.send_views()
        wait_for("lists of after", lambda: shop.ts_of("ann") >= sent, output)
        assert time.monotonic() - killed < SOON_S, "the former member's session was waited for"
