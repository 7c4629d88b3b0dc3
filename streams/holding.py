"""Whether a rebuild has this generation's workers publish nothing, because they are still catching up."""

from shared.contracts.views import HELD_S, HOLD, PUBLISH
from streams.ports import Ports


class Holding:
    """Looked at again and again; ``ports.silent`` says what holds."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._held_until = 0

    def look(self) -> None:
        """A word that is missing after :data:`HOLD` may have been lost with Redis's keys: it holds as long as it would
        have stood. What is half-folded, once published, could be replaced by no earlier generation.
        """
        now = self._ports.clock()
        [word] = self._ports.views.read([self._ports.keys.rebuilding()])
        if word == HOLD:
            self._held_until = now + HELD_S * 1000
        elif word == PUBLISH:
            self._held_until = 0
        self._ports.silent = now < self._held_until
