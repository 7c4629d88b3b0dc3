"""The views in Redis: written only forward, in one Lua call per batch; read in one MGET."""

import re
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import cast

import redis
from redis.exceptions import BusyLoadingError, ConnectionError, RedisError, TimeoutError  # noqa: A004
from redis.retry import Retry

from shared.adapters.redis_patience import Patience
from shared.adapters.redis_scripts import CHANGE_MEMBERS, DROP, REMOVE, SET_IF_NOT_OLDER, SET_ZSET_OF
from shared.contracts.errors import BadRecord, HeadraceError, Unavailable
from shared.contracts.reasons import WRONG_TYPE
from shared.contracts.settings import Settings
from shared.contracts.views import Keys, MembersKeys

BATCH = 500
MOST_CHANGES = 10_000  # names in a stream of changes, about
REMOVED_S = 86_400  # a worker that was stopped for longer than this must not be woken up
SERVERS = 100  # that were connected to since somebody asked
RUN_ID = re.compile(rb"run_id:(\w+)")
RETRIES = 12  # with the backoff below: half a minute of an absent Redis, then the process ends and is started again
SOON = 6  # of somebody who waits for one answer: two or three seconds


@dataclass(frozen=True)
class Zset:
    """A list's (score, member) pairs, beside the list's own view, which is ``at`` a version."""

    view_key: str
    key: str
    at: str
    scores: list[tuple[float, str]]


def need_redis(settings: Settings) -> None:
    """For somebody who waits, before what is more patient begins: :class:`Unavailable` says soon where it is away."""
    with closing(ViewStore(settings, SOON)) as views:
        views.run_id()


class ViewStore:
    """A blocking connection, retried with backoff while Redis is away, then :class:`Unavailable`."""

    def __init__(self, settings: Settings, retries: int = RETRIES, *, notes_servers: bool = False) -> None:
        """``notes_servers``: for :meth:`servers`; each connection begins with a question more."""
        timeout = settings.redis.timeout_ms / 1000
        self._removed, self._patience = Keys(settings).removed(), Patience()
        self._met: deque[str] = deque(maxlen=SERVERS)
        self._redis = redis.Redis.from_url(
            settings.redis.url,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            retry=Retry(self._patience, retries),
            retry_on_error=[ConnectionError, TimeoutError, BusyLoadingError],
            redis_connect_func=self._note_server if notes_servers else None,
        )

    def _note_server(self, connection: redis.Connection) -> None:
        connection.on_connect()  # type: ignore[no-untyped-call]
        connection.send_command("INFO", "server")  # type: ignore[no-untyped-call]
        self._met.append(RUN_ID.search(cast("bytes", connection.read_response()))[1].decode())  # type: ignore[index]

    def write(self, keys: Sequence[str], payloads: Sequence[bytes], ttl_s: int = 0) -> int:
        """Write what is not older than what stands there, nor than its removal, for so long, 0: until it is replaced.
        Returns how many were refused.
        """
        refused = 0
        for start in range(0, len(keys), BATCH):
            part = slice(start, start + BATCH)
            refused += self._eval(SET_IF_NOT_OLDER, keys[part], [ttl_s, *payloads[part]])
        return refused

    def remove(self, keys: Sequence[str], version: str) -> None:
        """Remove views unless they are later than ``version``; for a day nobody may write one that is older."""
        for start in range(0, len(keys), BATCH):
            self._eval(REMOVE, keys[start : start + BATCH], [version, REMOVED_S])

    def drop(self, views: Sequence[str], zset: str | None, version: str) -> None:
        """Remove views unless they are later than ``version``, and the ZSET beside the first, if there is one; an older
        one may come.
        """
        keys = [*views, *([] if zset is None else [zset])]
        try:
            self._redis.eval(DROP, len(keys), *keys, version, len(views))
        except RedisError as error:
            raise Unavailable(f"Redis did not take a removal: {error}") from error

    def erase(self, keys: Sequence[str]) -> None:
        """Remove what has no version, whatever it is."""
        if keys:
            try:
                self._redis.delete(*keys)
            except RedisError as error:
                raise Unavailable(f"Redis did not take a removal: {error}") from error

    def write_zsets(self, zsets: Sequence[Zset]) -> None:
        """Each ZSET beside its list, if the list that stands is the one it was made from."""
        pipe = self._redis.pipeline(transaction=False)
        for zset in zsets:
            pipe.eval(SET_ZSET_OF, 2, zset.view_key, zset.key, zset.at, *(a for entry in zset.scores for a in entry))
        try:
            pipe.execute()
        except RedisError as error:
            raise Unavailable(f"Redis did not take a ZSET: {error}") from error

    def _eval(self, script: str, views: Sequence[str], arguments: list[object]) -> int:
        try:
            return self._redis.eval(script, 1 + len(views), self._removed, *views, *arguments)  # type: ignore[no-any-return,arg-type]
        except RedisError as error:
            raise Unavailable(f"Redis did not take a write: {error}") from error

    def read(self, keys: Sequence[str]) -> list[bytes | None]:
        """The payloads, None where there is none."""
        if not keys:
            return []
        try:
            return self._redis.mget(keys)  # type: ignore[return-value]
        except RedisError as error:
            raise Unavailable(f"Redis did not answer: {error}") from error

    def lifetimes(self, keys: Sequence[str]) -> list[int]:
        """Seconds that they live yet; -1: for ever, -2: there is no such key."""
        found: list[int] = []
        try:
            for start in range(0, len(keys), BATCH):
                pipe = self._redis.pipeline(transaction=False)
                for key in keys[start : start + BATCH]:
                    pipe.ttl(key)
                found += pipe.execute()
        except RedisError as error:
            raise Unavailable(f"Redis did not answer: {error}") from error
        return found

    def names(self, prefix: str) -> list[str]:
        """What follows the prefix (letters, digits, ``-``, ``:``) in every key that begins so. O(keys in Redis)."""
        try:
            found = {key.decode(errors="replace") for key in self._redis.scan_iter(match=f"{prefix}*", count=2000)}
        except RedisError as error:
            raise Unavailable(f"Redis did not answer: {error}") from error
        return sorted(name.removeprefix(prefix) for name in found)

    def scan(self, cursor: int, prefix: str, count: int) -> tuple[int, list[str]]:
        """The keys of some ``count`` of all that there are that begin so and hold texts, from a cursor on, 0: the
        first; then the cursor of those that follow, 0: none does.
        """
        try:
            after, found = cast(
                "tuple[int, list[bytes]]",
                self._redis.scan(cursor, match=f"{prefix}*", count=count, _type="STRING"),
            )
        except RedisError as error:
            raise Unavailable(f"Redis did not answer: {error}") from error
        return after, [key.decode(errors="replace") for key in found]

    def members(self, key: str) -> set[str]:
        """A set's members. :class:`BadRecord` where no set stands there."""
        return {member.decode(errors="replace") for member in self._members(key)}

    def _members(self, key: str) -> set[bytes]:
        """As they stand there, whatever they are."""
        try:
            return self._redis.smembers(key)  # type: ignore[return-value]
        except RedisError as error:
            raise _refused(key, error) from error

    def scores(self, key: str) -> dict[str, float]:
        """A ZSET's members with their scores. :class:`BadRecord` where none stands there."""
        try:
            found = dict(self._redis.zscan_iter(key, count=BATCH))
        except RedisError as error:
            raise _refused(key, error) from error
        return {member.decode(errors="replace"): score for member, score in found.items()}

    def set_members(self, of: MembersKeys, version: str, present: Sequence[str], absent: Sequence[str | bytes]) -> bool:
        """Add and remove members of a set, as of a version; what changes is told by its stream, if it has one. False:
        refused, since a later version was written.
        """
        keys = [key for key in of if key]
        words: list[tuple[str | bytes, bool]] = [
            *((name, True) for name in present),
            *((name, False) for name in absent),
        ]
        for start in range(0, max(len(words), 1), BATCH):
            part = words[start : start + BATCH]
            there = sum(wanted for _, wanted in part)
            arguments = [version, MOST_CHANGES, there, *(name for name, _ in part)]
            try:
                taken = self._redis.eval(CHANGE_MEMBERS, len(keys), *keys, *arguments)
            except RedisError as error:
                raise Unavailable(f"Redis did not take a set: {error}") from error
            if not taken:
                return False
        return True

    def replace_members(self, of: MembersKeys, version: str, members: Iterable[str]) -> bool:
        """Have a set hold these and no others, as of a version: whoever wrote an earlier one writes no more, then what
        differs is changed. :class:`BadRecord` where no set stands there.
        """
        if not self.set_members(of, version, [], []):
            return False
        wanted, held = {name.encode(): name for name in members}, self._members(of.members)
        absent = sorted(held.difference(wanted))  # whatever it is that stands there
        return self.set_members(of, version, [name for raw, name in wanted.items() if raw not in held], absent)

    def add_changes(self, key: str, items: Sequence[str]) -> None:
        """Append items to the stream of changes (field ``item``), which keeps about the last :data:`MOST_CHANGES`."""
        pipe = self._redis.pipeline(transaction=False)
        for item in items:
            pipe.xadd(key, {"item": item}, maxlen=MOST_CHANGES, approximate=True)
        try:
            pipe.execute()
        except RedisError as error:
            raise Unavailable(f"Redis did not take changes: {error}") from error

    def run_id(self) -> str:
        """Changes with every start of the Redis server."""
        try:
            return str(self._redis.info("server")["run_id"])
        except RedisError as error:
            raise Unavailable(f"Redis did not answer: {error}") from error

    def servers(self) -> list[str]:
        """Run ids of all servers that there were connections to since the last call; the last of them is there now."""
        now = self.run_id()
        return [*(self._met.popleft() for _ in range(len(self._met))), now]

    def mark(self, key: str, value: str | bytes, ttl_s: int, *, again: bool = False) -> None:
        """Set a marker of ours; ``again``: change it or have it live on, only where it still is."""
        try:
            self._redis.set(key, value, xx=again, ex=ttl_s)
        except RedisError as error:
            raise Unavailable(f"Redis did not take a marker: {error}") from error

    def hurry(self) -> None:
        """Wait for Redis no longer: the process is about to end, and whoever kills it does not wait either."""
        self._patience.hurry()

    def close(self) -> None:
        self._redis.close()


def _refused(key: str, error: RedisError) -> HeadraceError:
    """Of an answer that did not come, and of one that says what stands there is of another kind."""
    if str(error).startswith("WRONGTYPE"):
        return BadRecord(WRONG_TYPE, f"{key} holds what is of another kind")
    return Unavailable(f"Redis did not answer: {error}")
