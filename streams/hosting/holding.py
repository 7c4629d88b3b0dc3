"""Whether a rebuild has this generation's workers publish nothing, because they are still catching up."""

from shared.contracts.views import HELD_S, HOLD, PUBLISH
from streams.steps.ports import Ports


class Holding:
    """Looked at again and again; ``ports.silent`` says what holds, from the beginning if it was told so."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._held_until = self._from_now() if ports.silent else 0

    def look(self) -> None:
        """A word that is missing after :data:`HOLD` may have been lost with Redis's keys: it holds as long as it would
        have stood. What is half-folded, once published, could be replaced by no earlier generation.
        """
        [word] = self._ports.views.read([self._ports.keys.rebuilding()])
        if word == HOLD:
            self._held_until = self._from_now()
        elif word == PUBLISH:
            self._held_until = 0
        self._ports.silent = self._ports.clock() < self._held_until

    def _from_now(self) -> int:
        return self._ports.clock() + HELD_S * 1000
