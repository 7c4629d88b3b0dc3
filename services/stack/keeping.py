"""The owner's side of the keeper: starts it, tells it what to do."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec

from services.stack import keeper
from shared.contracts.errors import Unavailable


class Alive(msgspec.Struct, frozen=True):
    """What the keeper says of a server."""

    alive: bool
    pid: int | None
    status: int | None


class Keeping:
    """A keeper that this process started and owns, until :meth:`detach`."""

    def __init__(self, lock: Path, record: Path, log: Path) -> None:
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", keeper.__file__, str(lock), str(record)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=out,
                start_new_session=True,
            )
        self._log = log

    @property
    def pid(self) -> int:
        return self._process.pid

    def start(self, name: str, argv: list[str], log: Path, cwd: Path, env: dict[str, str]) -> Alive:
        return self._server("start", name, argv=argv, log=str(log), cwd=str(cwd), env=env)

    def stop(self, name: str) -> Alive:
        """Ask it to end, and wait; kill it when it takes too long."""
        return self._server("stop", name)

    def ask_to_end(self, name: str) -> Alive:
        """Ask it to end, without waiting."""
        return self._server("ask", name)

    def kill(self, name: str) -> Alive:
        """SIGKILL, and wait for the end."""
        return self._server("kill", name)

    def poll(self, name: str) -> Alive:
        return self._server("poll", name)

    def detach(self) -> None:
        """From here on the servers outlive this process."""
        self._ask({"do": "detach"})
        self._close()

    def end(self) -> None:
        """Stop the servers and the keeper."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(sum(keeper.STOP_S.values()) + 5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._close()

    def _close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
        self._process.returncode = self._process.poll() or 0  # a detached one is init's to reap, and no leak of ours

    def _server(self, do: str, name: str, **more: Any) -> Alive:
        return msgspec.convert(self._ask({"do": do, "name": name} | more), Alive)

    def _ask(self, command: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(command).encode() + b"\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = b""
        if not line:
            raise Unavailable(f"the stack's keeper has ended; see {self._log}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise Unavailable(f"the stack's keeper could not: {answer['error']}")
        return answer
