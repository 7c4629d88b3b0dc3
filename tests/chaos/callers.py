"""Apps and pages that go on through all of it: one asks the reader for lists, one brings events to the collector."""

import threading
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from http import HTTPStatus
from typing import Any

import httpx
import msgspec

from shared.adapters.kafka_clients import admin
from shared.adapters.kafka_topics import partitions_by_topic
from shared.adapters.log_reader import PartitionLog
from shared.contracts.topics import group_name, topic_name
from tests.chaos.field import Field

EVERY_S = 0.1
PATIENCE_S = 15.0  # longer than the collector waits for Kafka
ASKED: tuple[tuple[str, str, Any], ...] = (
    ("GET", "/v1/users/{user}/recommendations", None),
    ("GET", "/v1/users/{user}/recommendations?n=100&explain=true&fields=title", None),
    ("GET", "/v1/users/nobody-{n}/recommendations?context.device=phone", None),
    ("GET", "/v1/items/probed-{n}/similar", None),
    ("GET", "/v1/trending", None),
    ("GET", "/v1/popular?category=tea", None),
    ("GET", "/v1/users/{user}/history", None),
    ("GET", "/v1/items?id=probed-{n}", None),
    ("POST", "/v1/page", {"user": "{user}", "rows": [{"row": "for_you"}, {"row": "trending"}]}),
    ("POST", "/v1/batch", {"users": ["{user}", "nobody"]}),
    ("POST", "/v1/sessions/recommendations", {"items": ["probed-{n}"]}),
)
"""All answered from what is there, whatever that is: never by an error."""


class _Caller(threading.Thread):
    """Calls a part of the field, wherever it listens just now, until ``stop()``."""

    def __init__(self, field: Field, part: str) -> None:
        super().__init__(name=f"calls-{part}", daemon=True)
        self._field, self._part = field, part
        self._over = threading.Event()

    def run(self) -> None:
        n = 0
        with httpx.Client(timeout=PATIENCE_S) as client:
            while not self._over.wait(EVERY_S):
                url = self._field.url_of(self._part)
                try:
                    self._call(client, url or "http://127.0.0.1:1", n)
                except httpx.TransportError:  # nobody answers: it is away
                    continue
                n += 1

    def _call(self, client: httpx.Client, url: str, n: int) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        self._over.set()
        self.join()


class Asking(_Caller):
    """``wrong``: answers that were errors, by request and status; ``answered``: how many answers there were."""

    def __init__(self, field: Field, users: Sequence[str]) -> None:
        super().__init__(field, "reader")
        self._users = users
        self.wrong: Counter[str] = Counter()
        self.answered = 0

    def _call(self, client: httpx.Client, url: str, n: int) -> None:
        method, path, body = ASKED[n % len(ASKED)]
        names = {"{user}": self._users[n % len(self._users)], "{n}": str(n % 50)}
        told = None if body is None else _filled(msgspec.json.encode(body).decode(), names).encode()
        answer = client.request(method, url + _filled(path, names), content=told)
        self.answered += 1
        if answer.status_code != HTTPStatus.OK:
            self.wrong[f"{method} {path}: {answer.status_code} {answer.text[:200]}"] += 1


class Bringing(_Caller):
    """``taken``: ids of the events that the collector has taken; ``wrong`` as of :class:`Asking`."""

    def __init__(self, field: Field) -> None:
        super().__init__(field, "collector")
        self.taken: set[str] = set()
        self.wrong: Counter[str] = Counter()

    def _call(self, client: httpx.Client, url: str, n: int) -> None:
        who, what, name = f"caller-{n % 7}", f"probed-{n % 50}", f"brought-{n}"
        event = {"type": "view", "user_id": who, "item_id": what, "event_id": name}
        answer = client.post(f"{url}/v1/events", content=msgspec.json.encode(event))
        if answer.status_code == HTTPStatus.ACCEPTED:
            self.taken.add(name)
        elif answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
            self.wrong[f"{answer.status_code} {answer.text[:200]}"] += 1

    def lost(self) -> set[str]:
        """Of what was taken, what is not in the log."""
        settings, topic = self._field.settings, topic_name(self._field.settings, "view")
        found = set()
        with closing(PartitionLog(settings.kafka, group_name(settings, "callers"))) as log:
            for partition in range(partitions_by_topic(admin(settings.kafka))[topic]):
                for _, value in log.read(topic, partition, *log.bounds(topic, partition), contiguous=True):
                    found.add(_event_id(value))
        return self.taken - found


def _event_id(value: bytes) -> str | None:
    """None of a record that has none, or is no event: there are bad ones among those of the shop."""
    try:
        return str(msgspec.json.decode(value)["event_id"])
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError):
        return None


def _filled(text: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        text = text.replace(name, value)
    return text
