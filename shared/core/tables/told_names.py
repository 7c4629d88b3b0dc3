"""What is to be told again, by name, to somebody who holds what they were told: that a name is no more, too."""

from collections.abc import Iterable

from shared.core.tables.dirty_names import DirtyNames


class ToldNames(DirtyNames):
    """As :class:`DirtyNames`; a name that is forgotten is ``gone`` until that is told, if it was told before. Bounded
    by what there is to name, and by what was told since :meth:`take_gone`. Who goes on from a saved state says all that
    was held then to be ``told``: it may have been, since.
    """

    def __init__(self, names: Iterable[str] = (), told: Iterable[str] = (), gone: Iterable[str] = ()) -> None:
        super().__init__(names)
        self._told = dict.fromkeys(told)
        self.gone = dict.fromkeys(gone)

    def mark(self, name: str) -> None:
        super().mark(name)
        self._come_back([name])

    def mark_all(self, names: Iterable[str]) -> None:
        names = list(names)
        super().mark_all(names)
        self._come_back(names)

    def _come_back(self, names: list[str]) -> None:
        """Nobody was told that they went."""
        for name in names if self.gone else ():
            if name in self.gone:
                del self.gone[name]
                self._told[name] = None

    def take(self, most: int) -> list[str]:
        taken = super().take(most)
        self._told |= dict.fromkeys(taken)
        return taken

    def forget(self, name: str) -> None:
        super().forget(name)
        if name in self._told:
            del self._told[name]
            self.gone[name] = None

    def take_gone(self) -> list[str]:
        """Those of which it is to be told that they are no more."""
        gone, self.gone = list(self.gone), {}
        return gone
