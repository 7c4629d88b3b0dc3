"""Free ports of 127.0.0.1 that a server can come back to.

They are taken below the range from which the kernel gives ports to outgoing connections: within it, a client that
retries while the server is down may be given that very port, connect to itself, and keep the server out.
"""

import random
import socket
from collections.abc import Sequence
from pathlib import Path

LOW, HIGH = 20_000, 32_000
EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")


def is_free(port: int) -> bool:
    """Whether a server could bind it now; a closed server's lingering connections do not count, as for the servers."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_ports(wanted: Sequence[int | None]) -> list[int]:
    """A free port for each: the wanted one if it is free, else another."""
    chosen: list[int] = []
    for port in wanted:
        chosen.append(port if port and port not in chosen and is_free(port) else _another(chosen))
    return chosen


def _another(taken: Sequence[int]) -> int:
    high = _high()
    while True:
        port = random.randrange(min(LOW, high - 5000), high)
        if port not in taken and is_free(port):
            return port


def _high() -> int:
    try:
        return max(10_000, min(HIGH, int(EPHEMERAL.read_text("ascii").split()[0])))
    except (OSError, ValueError, IndexError):  # not Linux
        return HIGH
