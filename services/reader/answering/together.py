"""Blocking work for whoever asks on an event loop: one thread, which answers together those who wait together."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Generic, TypeVar

from shared.contracts.errors import HeadraceError

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class Together(Generic[Asked, Answer]):
    """``answer`` has an answer for each of several that are asked, at most ``most``; it is called in ``thread``, which
    has one worker and may be others' too. Who asks sees to it that not too many wait.
    """

    def __init__(
        self, thread: ThreadPoolExecutor, answer: Callable[[Sequence[Asked]], Sequence[Answer]], most: int
    ) -> None:
        self._thread = thread
        self._answer = answer
        self._most = most
        self._waiting: deque[tuple[Asked, asyncio.Future[Answer]]] = deque()

    def __len__(self) -> int:
        """How many wait: those that are being answered are not among them."""
        return len(self._waiting)

    def ask(self, asked: Asked) -> "asyncio.Future[Answer]":
        """Of the running loop. Whoever cancels it before its turn is passed over."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, future))
        if len(self._waiting) == 1:  # else the thread has been told already
            self._thread.submit(self._turn)
        return future

    def _turn(self) -> None:
        """In the thread."""
        taken = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
        if self._waiting:
            self._thread.submit(self._turn)
        wanted = [(asked, future) for asked, future in taken if not future.cancelled()]
        if not wanted:
            return
        found = self._answers([asked for asked, _ in wanted])
        for (_, future), answer in zip(wanted, found, strict=True):
            with suppress(RuntimeError):  # its loop has ended: nobody waits
                future.get_loop().call_soon_threadsafe(_tell, future, answer)

    def _answers(self, asked: list[Asked]) -> Sequence[Answer | Exception]:
        """What goes wrong outside goes wrong for all of them; what is wrong with one of them for that one alone."""
        try:
            return self._answer(asked)
        except HeadraceError as error:
            return [error] * len(asked)
        except Exception as error:  # noqa: BLE001 - raised again where it is waited for
            if len(asked) == 1:
                return [error]
        return [found for one in asked for found in self._answers([one])]


def _tell(future: "asyncio.Future[Answer]", answer: Answer | Exception) -> None:
    """On its loop."""
    if future.done():  # too late
        return
    if isinstance(answer, Exception):
        future.set_exception(answer)
    else:
        future.set_result(answer)
