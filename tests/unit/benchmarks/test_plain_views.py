"""Where no view stands, plain writing leaves what exact writing leaves: only then are their costs comparable."""

from typing import Any

import pytest

from benchmarks.plain_views import PlainViews
from shared.adapters.redis_views import BATCH, ViewStore, Zset
from shared.contracts.settings import load_settings
from shared.contracts.views import AT_LENGTH, AT_START


class Server:
    """What a Redis would hold after the commands that the stores send: key → (value, seconds to live)."""

    def __init__(self) -> None:
        self.held: dict[str, tuple[Any, int]] = {}
        self.trips: list[int] = []
        self._queued: list[tuple[Any, ...]] = []

    def eval(self, script: str, count: int, *rest: Any) -> int:
        """The real script on keys that do not stand yet."""
        assert "GETRANGE" in script
        (_, *keys), (ttl, *payloads) = rest[:count], rest[count:]
        self.trips.append(len(keys))
        for key, payload in zip(keys, payloads, strict=True):
            self.held[key] = (payload, ttl)
        return 0

    def pipeline(self, *, transaction: bool) -> "Server":
        assert not transaction
        return self

    def execute_command(self, *command: Any) -> None:
        self._queued.append(command)

    def execute(self) -> None:
        queued, self._queued = self._queued, []
        self.trips.append(len(queued))
        for name, key, *rest in queued:
            if name == "SET":
                self.held[key] = (rest[0], rest[2] if rest[1:] else 0)
            elif name == "DEL":
                self.held.pop(key, None)
            elif name == "ZADD":
                self.held[key] = (dict(zip(rest[1::2], rest[::2], strict=True)), 0)


def over(server: Server, kind: type[ViewStore], monkeypatch: pytest.MonkeyPatch) -> ViewStore:
    store = kind(load_settings())
    store.close()
    monkeypatch.setattr(store, "_redis", server)
    return store


@pytest.mark.parametrize("ttl_s", [0, 60])
def test_both_leave_the_same_views_in_as_many_round_trips(ttl_s: int, monkeypatch: pytest.MonkeyPatch) -> None:
    head = b"x" * AT_START + b"0" * AT_LENGTH
    keys, payloads = [f"rec:{n}" for n in range(BATCH + 3)], [head + bytes([n % 256]) for n in range(BATCH + 3)]
    exact, plain = Server(), Server()
    assert over(exact, ViewStore, monkeypatch).write(keys, payloads, ttl_s) == 0
    assert over(plain, PlainViews, monkeypatch).write(keys, payloads, ttl_s) == 0
    assert plain.held == exact.held
    assert len(plain.held) == len(keys)
    assert plain.trips == exact.trips == [BATCH, 3]


def test_a_zset_is_replaced_and_a_view_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server()
    store = over(server, PlainViews, monkeypatch)
    store.write(["rec:a", "rec:b"], [b"a", b"b"])
    store.write_zsets([Zset("trending:all", "z", "1", [(1.0, "old")]), Zset("trending:all", "z", "2", [(2.0, "new")])])
    store.remove(["rec:a"], "1")
    assert server.held == {"rec:b": (b"b", 0), "z": ({"new": 2.0}, 0)}
