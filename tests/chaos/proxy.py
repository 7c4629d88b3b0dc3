"""A connection that can be slow, stand still, or be cut: a TCP proxy on a thread of its own."""

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

CHUNK = 65_536


class Proxy:
    """Listens on :attr:`port` from the start; passes on to ``towards(port)`` of this machine, refuses until then.

    :meth:`delay` holds up every chunk of bytes both ways; from :meth:`stand_still` to :meth:`go_on` none passes.
    """

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._open: set[asyncio.StreamWriter] = set()
        self._passes: asyncio.Event
        self._target: int | None = None
        self._delay_s = 0.0
        self.port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self._wait(self._listen())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._wait(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def towards(self, port: int) -> None:
        self._target = port

    def delay(self, seconds: float) -> None:
        """Of every chunk from now on."""
        self._delay_s = seconds

    def stand_still(self) -> None:
        """Bytes are taken and not passed on; connections stay."""
        self._loop.call_soon_threadsafe(self._passes.clear)

    def go_on(self) -> None:
        self._loop.call_soon_threadsafe(self._passes.set)

    def cut(self) -> int:
        """Reset every connection, whatever is on its way; returns how many ends there were."""
        return self._wait(self._cut())

    def _wait(self, work: Coroutine[Any, Any, int]) -> int:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _listen(self) -> int:
        self._passes = asyncio.Event()
        self._passes.set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self.port

    async def _cut(self) -> int:
        ends = list(self._open)
        for end in ends:
            end.transport.abort()
        return len(ends)

    async def _close(self) -> int:
        self._server.close()
        cut = await self._cut()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return cut

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:  # the server is down
            self._end(writer)
            return
        self._open.add(back)
        await asyncio.gather(self._pump(reader, back), self._pump(there, writer))

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while chunk := await source.read(CHUNK):
                await self._passes.wait()
                if self._delay_s:
                    await asyncio.sleep(self._delay_s)
                sink.write(chunk)
                await sink.drain()
        self._end(sink)

    def _end(self, writer: asyncio.StreamWriter) -> None:
        self._open.discard(writer)
        writer.close()
