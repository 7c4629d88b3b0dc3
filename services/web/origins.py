"""Which web page sent a request. A browser also sends what it will not let the page read the answer of."""

from collections.abc import Mapping, Sequence

from shared.contracts.errors import HeadraceError


class ForeignPage(HeadraceError):  # noqa: N818 - it becomes an answer
    """A page of another origin may not change anything here."""


def check_origin(headers: Mapping[str, str], allowed: Sequence[str] = ()) -> None:
    """Raises :class:`ForeignPage` unless no page sent it (programs name no origin), or one of the ``allowed`` origins,
    ``*`` for all, or of the server's own: by the browser's word, or the host that was asked.
    """
    origin = headers.get("origin")
    if not origin or origin in allowed or "*" in allowed or headers.get("sec-fetch-site") == "same-origin":
        return
    host = headers.get("host")
    if origin not in {f"http://{host}", f"https://{host}"}:
        raise ForeignPage(f"pages of {origin[:256]} may not send this")
