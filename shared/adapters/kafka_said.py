"""What librdkafka says of its connections, through our own logging: each distinct message once a minute.

It says the same of every attempt to connect, some twenty times a second while a broker is away. A client hands its
messages over when it is polled.
"""

import logging
import re
import threading
import time
from collections.abc import Callable

SAID = logging.getLogger("kafka")
"""The ``logger`` of every client. Where no logging is set up, as in a command, its lines go to standard error."""
AGAIN_S = 60.0
MOST = 100  # messages that are remembered
_WHO = re.compile(r"^\w+ \[[^\]]*\] \[thrd:.*?\]: ")
_WHEN = re.compile(r" \(after \d+ms in state \w+(, \d+ identical error\(s\) suppressed)?\)")


class OnceInAWhile(logging.Filter):
    """Lets a message pass without which thread said it and after how long, unless it just did. Used from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._said: dict[str, float] = {}
        self._lock = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = f"Kafka: {_WHEN.sub('', _WHO.sub('', record.getMessage()))}", ()
        with self._lock:
            now = self._clock()
            if now - self._said.get(record.msg, -AGAIN_S) < AGAIN_S:
                return False
            self._said.pop(record.msg, None)
            self._said[record.msg] = now
            if len(self._said) > MOST:
                del self._said[next(iter(self._said))]
        return True


SAID.addFilter(OnceInAWhile())
