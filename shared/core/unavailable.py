"""Items that must not be served, as the catalogue says."""


class Unavailable:
    """Their ``names``, in the order in which that was said; at most ``bound``: the first leaves."""

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self.names: dict[str, None] = {}

    def note(self, name: str, *, available: bool) -> bool:
        """Whether that is news. What the catalogue does not have is not available, whether it ever had it or not."""
        was = name not in self.names
        if available:
            self.names.pop(name, None)
        else:
            self.names[name] = None
            if len(self.names) > self._bound:
                del self.names[next(iter(self.names))]
        return was != available
