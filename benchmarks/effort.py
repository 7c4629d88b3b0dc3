"""How much is measured: in full for what is reported, quickly for a look."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """``size`` scales shops and numbers of events; ``runs`` of each; ``seconds`` of what is sustained."""

    size: float = 1.0
    runs: int = 5
    seconds: float = 300.0
    quick: bool = False

    def scaled(self, full: int, quick: int) -> int:
        """A number of events or users."""
        return max(1, int((quick if self.quick else full) * self.size))


QUICK_RUNS, QUICK_SECONDS = 1, 20.0
