"""The process that holds the servers: its own session, so that Ctrl-C in a terminal does not reach them.

It is started by file name with ``python -I -S`` and so imports the standard library alone. Its owner writes one
JSON command per line to its standard input and reads one JSON answer per line. The servers end with the keeper, and
the keeper ends with its owner (end of input, or its parent is another), until the owner says ``detach``.
Standard input's end and the parent's id are both watched: a forked child of the owner may hold the pipe open.
"""

import ctypes
import fcntl
import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

TICK_S = 2.0  # how often the parent's id is looked at; all else wakes at once
STOP_S = {"kafka": 20.0, "redis": 5.0}
PR_SET_PDEATHSIG = 1


class Server:
    """One child: started, stopped, killed; never two of a name at once."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.child: subprocess.Popen[bytes] | None = None

    def start(self, argv: list[str], log: str, cwd: str, env: dict[str, str]) -> int:
        if self.child is None or self.child.poll() is not None:
            with Path(log).open("ab") as out:
                self.child = subprocess.Popen(
                    argv,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                    cwd=cwd,
                    env=env,
                    start_new_session=True,
                    preexec_fn=_end_with_parent,  # noqa: PLW1509 - the keeper has one thread
                )
        return self.child.pid

    def poll(self) -> dict[str, Any]:
        if self.child is None:
            return {"alive": False, "pid": None, "status": None}
        status = self.child.poll()
        return {"alive": status is None, "pid": self.child.pid, "status": status}

    def signal(self, number: int) -> None:
        if self.child is not None and self.child.poll() is None:
            self.child.send_signal(number)

    def wait(self, seconds: float) -> None:
        """Wait for the end; what is still there then is killed."""
        if self.child is None:
            return
        try:
            self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


def _end_with_parent() -> None:
    """If the keeper itself is killed, the kernel kills the server (Linux; elsewhere `down` finds it by its record)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Keeper:
    """Waits for commands, signals and the owner's end; wakes for nothing else."""

    def __init__(self) -> None:
        self.servers = {name: Server(name) for name in STOP_S}
        self.owner: int | None = os.getppid()
        self.ending = False
        self.buffer = b""
        self.woken, self.wake = os.pipe()

    def run(self) -> None:
        os.set_blocking(self.woken, False)
        os.set_blocking(self.wake, False)
        signal.set_wakeup_fd(self.wake)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._end)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # wakes the keeper, so that it reaps
        while not self.ending:
            self._listen()
            for server in self.servers.values():
                server.poll()
            if self.owner is not None and os.getppid() != self.owner:
                self.ending = True
        self._stop_all()

    def _end(self, *_: object) -> None:
        self.ending = True

    def _listen(self) -> None:
        owned = self.owner is not None
        ready, _, _ = select.select([0, self.woken] if owned else [self.woken], [], [], TICK_S if owned else None)
        if self.woken in ready:
            os.read(self.woken, 4096)
        if 0 in ready:
            self._read()

    def _read(self) -> None:
        data = os.read(0, 65536)
        if not data:
            self.ending = True
        *lines, self.buffer = (self.buffer + data).split(b"\n")
        for line in lines:
            self._answer(json.loads(line))

    def _answer(self, command: dict[str, Any]) -> None:
        try:
            answer = self._do(**command)
        except OSError as error:
            answer = {"error": str(error)}
        try:
            os.write(1, json.dumps(answer).encode() + b"\n")
        except BrokenPipeError:
            self.ending = True

    def _do(self, do: str, name: str = "", **start: Any) -> dict[str, Any]:
        if do == "detach":
            self.owner = None
            return {}
        server = self.servers[name]
        if do == "start":
            server.start(**start)
        elif do == "ask":
            server.signal(signal.SIGTERM)
        elif do in {"stop", "kill"}:
            server.signal(signal.SIGTERM if do == "stop" else signal.SIGKILL)
            server.wait(STOP_S[name])
        return server.poll()

    def _stop_all(self) -> None:
        for server in self.servers.values():
            server.signal(signal.SIGTERM)
        for name, server in self.servers.items():
            server.wait(STOP_S[name])


def main(lock: str, record: str) -> None:
    """``lock`` is held for as long as the keeper lives: who can take it knows that nothing is kept.

    ``record`` says where the servers are; it goes when they do.
    """
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
    _take(descriptor)
    os.truncate(descriptor, 0)
    os.write(descriptor, str(os.getpid()).encode())
    Keeper().run()
    Path(record).unlink(missing_ok=True)


def _take(descriptor: int) -> None:
    """Another keeper does not let go; who only looks whether one lives does, at once."""
    for _ in range(20):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit("another keeper lives in this home")


if __name__ == "__main__":
    main(*sys.argv[1:])
