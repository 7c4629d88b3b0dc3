"""Items that must not be served, as the catalogue says."""

from collections import OrderedDict


class Unavailable:
    """Their ``names``, in the order in which that was said; at most ``bound``: the first leaves, and counts as
    available from then on.
    """

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self.names: OrderedDict[str, None] = OrderedDict()  # a dict finds its first slower the more have left

    def note(self, name: str, *, available: bool) -> list[str]:
        """Of which items that is news: this one, and one that leaves. What the catalogue does not have is not
        available, whether it ever had it or not.
        """
        if available == (name not in self.names):
            return []
        if available:
            del self.names[name]
            return [name]
        self.names[name] = None
        if len(self.names) <= self._bound:
            return [name]
        first = next(iter(self.names))
        del self.names[first]
        return [name, first]
