"""Granian inside our own event loop, on a socket of our own: so that port 0 works and a taken port is an error."""

import asyncio
import contextlib
import os
import signal
import socket
from typing import Any

from granian._granian import SocketHolder
from granian.constants import HTTPModes, Interfaces
from granian.server.embed import Server

from shared.contracts.errors import Unavailable

BACKLOG = 1024
STOP_S = 5  # how long requests in flight may take to end


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, or :class:`Unavailable`."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except OSError as error:
        raise Unavailable(f"cannot listen on {host}:{port}: {_said(error)}") from error


def _said(error: OSError) -> str:
    """The system's words; without what Python adds to them when it listens."""
    return str(error) if error.errno is None or isinstance(error, socket.gaierror) else os.strerror(error.errno)


class OwnSocketServer(Server):
    """Granian would bind by itself, with SO_REUSEPORT: a second reader on the port would share it in silence.

    The application's lifespan is ours, too (``ASGINL``): granian gives its end no more time than a request.
    """

    def __init__(self, sock: socket.socket, app: Any, interface: Interfaces = Interfaces.ASGINL) -> None:
        super().__init__(
            app, interface=interface, http=HTTPModes.http1, websockets=False, log_enabled=False, backlog=BACKLOG
        )
        self.workers_kill_timeout = STOP_S
        self._own = sock
        self._shd: Any = None

    def end(self) -> None:
        """Stop taking requests, finish those in flight, return from :func:`serve`."""
        self.signal_handler_interrupt()  # type: ignore[no-untyped-call]

    def _init_shared_socket(self) -> None:
        self._own.setblocking(False)
        # what granian does itself where it has no SO_REUSEPORT; its stub omits the arguments
        holder: Any = SocketHolder
        self._shd = holder(self._own.detach(), False, BACKLOG)  # which closes it


async def serve(server: OwnSocketServer) -> None:
    """Serve until SIGTERM, SIGINT or ``server.end()``."""
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, server.end)
    with contextlib.suppress(TimeoutError):  # a request that outlives STOP_S is cut off
        await server.serve()
