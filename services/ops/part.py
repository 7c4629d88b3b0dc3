"""What a supervisor starts: a part, and one run of it as a process."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.ops.address import reachable
from services.ops.child import tied_to_parent
from services.ops.watchdog import signal_group
from services.stack.ports import free_ports

LONGEST_LINE = 65_536  # bytes; what has no line end by then is cut
READ_SIZE = 65_536


@dataclass(frozen=True)
class Part:
    """A command to keep running. ``port_env`` names the variable that tells it the port of its HTTP side.

    ``port`` 0 takes a free one at each start, so that a port lost to another program costs one restart only.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    port_env: str | None = None
    port: int = 0
    host: str = "127.0.0.1"


class Run:
    """One process of a part, in a group of its own, its two outputs in one pipe."""

    def __init__(self, part: Part, environment: Mapping[str, str]) -> None:
        env = dict(environment) | dict(part.env)
        self.url: str | None = None
        if part.port_env:
            (port,) = [part.port] if part.port else free_ports([None])
            env[part.port_env] = str(port)
            self.url = f"http://{reachable(part.host)}:{port}"
        self._process = subprocess.Popen(
            tied_to_parent(part.argv),
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        self.output = self._process.stdout
        os.set_blocking(self.output.fileno(), False)
        self.at_end = False
        self._rest = b""

    @property
    def pid(self) -> int:
        """Of the process, and of its group."""
        return self._process.pid

    def read(self) -> tuple[list[bytes], bool]:
        """The whole lines that came since the last call, and whether anything came; ``at_end`` is set at the end."""
        try:
            chunk = os.read(self.output.fileno(), READ_SIZE)
        except BlockingIOError:
            return [], False
        self.at_end = not chunk
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if self._rest and (self.at_end or len(self._rest) > LONGEST_LINE):
            lines.append(self._rest)
            self._rest = b""
        return lines, not self.at_end

    def ended(self) -> int | None:
        """The exit status once the process is gone (minus the signal's number if one ended it), else None.

        Whatever it left in its group is killed first: while it is not reaped, its group's number is nobody else's.
        """
        if self._process.returncode is None:
            if os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
                return None
            signal_group(self.pid, signal.SIGKILL)
        return self._process.wait()

    def ask_to_end(self) -> None:
        """SIGTERM to the process alone: it ends its own children in its own order."""
        self._process.terminate()

    def kill(self) -> None:
        """SIGKILL to the whole group."""
        if self._process.returncode is None:
            signal_group(self.pid, signal.SIGKILL)

    def close(self) -> None:
        self.output.close()
