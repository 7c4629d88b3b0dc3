"""Where tables are shown that name users and items: an id such as ``[b]`` or ``:tea:`` is no markup."""

from rich.console import Console


def plain_console() -> Console:
    """Standard output, on which texts stand as they are."""
    return Console(markup=False, emoji=False)
