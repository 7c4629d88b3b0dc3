"""What writing views would be without exactness: no version is compared, whatever comes last stands."""

from collections.abc import Sequence

from redis.exceptions import RedisError

from shared.adapters.redis_views import BATCH, ViewStore, Zset
from shared.contracts.errors import Unavailable

Command = tuple[object, ...]


class PlainViews(ViewStore):
    """Pipelined SET, DEL and ZADD, as many per round trip as the real store has."""

    def write(self, keys: Sequence[str], payloads: Sequence[bytes], ttl_s: int = 0) -> int:
        until = ("EX", ttl_s) if ttl_s else ()
        for start in range(0, len(keys), BATCH):
            part = slice(start, start + BATCH)
            self._pipelined([("SET", *view, *until) for view in zip(keys[part], payloads[part], strict=True)])
        return 0

    def remove(self, keys: Sequence[str], version: str) -> None:  # noqa: ARG002
        self._pipelined([("DEL", key) for key in keys])

    def write_zsets(self, zsets: Sequence[Zset]) -> None:
        for zset in zsets:
            scores = [part for entry in zset.scores for part in entry]
            self._pipelined([("DEL", zset.key), *([("ZADD", zset.key, *scores)] if scores else [])])

    def _pipelined(self, commands: Sequence[Command]) -> None:
        """``execute_command``, since ``set`` with its many options costs more than the rest of the pipeline."""
        pipe = self._redis.pipeline(transaction=False)
        for command in commands:
            pipe.execute_command(*command)  # type: ignore[no-untyped-call]
        try:
            pipe.execute()
        except RedisError as error:
            raise Unavailable(f"Redis did not take a write: {error}") from error
