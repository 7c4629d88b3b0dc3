"""Which items belong to which popularity list, in plain Python."""

from shared.contracts.views import ALL, category_scope


class ScopesOracle:
    """``members``: the whole catalogue and at most ``bound`` categories, the one touched last standing last.
    ``said``: item → scopes of its categories, in the order of the records. ``changed``: scopes that were counted in or
    left; whoever looks takes them out.
    """

    def __init__(self, bound: int, max_items: int) -> None:
        self._bound, self._max_items = bound, max_items
        self.said: dict[str, list[str]] = {}
        self._counted: set[str] = set()
        self.members: dict[str, set[str]] = {ALL: set()}
        self.changed: dict[str, None] = {}

    def file(self, item: str, categories: list[str]) -> None:
        """The catalogue's word on an item; a counted one moves at once."""
        self.said.pop(item, None)
        if categories:
            self.said[item] = [category_scope(category) for category in categories]
            if len(self.said) > self._max_items:
                del self.said[next(iter(self.said))]
        if item in self._counted:
            self._leave(item)
            self.touch(item)

    def touch(self, item: str) -> None:
        """The item was counted."""
        self._counted.add(item)
        for scope in (ALL, *self.said.get(item, [])):
            members = self.members.pop(scope, set())
            members.add(item)
            self.members[scope] = members
            self.changed[scope] = None
        while len(self.members) > self._bound + 1:
            oldest = next(scope for scope in self.members if scope != ALL)
            del self.members[oldest]
            self.changed.pop(oldest, None)

    def drop(self, item: str) -> None:
        """The item is no longer held."""
        self._leave(item)
        self._counted.discard(item)

    def _leave(self, item: str) -> None:
        for scope, members in self.members.items():
            if item in members:
                members.remove(item)
                self.changed[scope] = None
