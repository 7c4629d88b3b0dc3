"""Where tables are shown that name users and items: an id such as ``[b]`` or ``:tea:`` is no markup, and a title with
control characters is no order to the terminal.
"""

from typing import Any

from rich.console import Console
from rich.text import Text

WIDTH = 160  # where there is no terminal to be as wide as
_CONTROLS = (*range(10), *range(11, 32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_WRITTEN_OUT = {code: repr(chr(code))[1:-1] for code in _CONTROLS}
"""All but the line's end, and what turns the direction of what follows."""


class _Plain(Console):
    def render_str(self, text: str, **how: Any) -> Text:
        return super().render_str(text.translate(_WRITTEN_OUT), **how)


def plain_console() -> Console:
    r"""Standard output, on which texts stand as they are; what is not for the eye is written out, as ``\x1b``."""
    console = _Plain(markup=False, emoji=False)
    return console if console.is_terminal else _Plain(markup=False, emoji=False, width=WIDTH)
