"""The page at ``/``: what an app can ask the reader for, on one screen, live. Static files, held in memory."""

from http import HTTPStatus
from importlib.resources import files

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web.problems import problem
from shared.contracts.sections import ReaderSettings

KINDS = {"html": "text/html", "css": "text/css", "js": "text/javascript"}
POLICY = (
    "img-src data:; style-src 'self'; script-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
INDEX = "index.html"
ABOUT = b"/*about*/"
"""In the index: where what the page has to know of this reader goes."""


class LivePage:
    """Its files, and what they may load: nothing from elsewhere, and no script or style but these files."""

    def __init__(self, rules: ReaderSettings) -> None:
        folder = files("services.reader.endpoints") / "page"
        self._files = {one.name: one.read_bytes() for one in folder.iterdir() if one.name.rpartition(".")[2] in KINDS}
        about = msgspec.json.encode({"users": rules.page_users, "collector": rules.page_collector})
        # within a <script> nothing but "<" could end it
        self._files[INDEX] = self._files[INDEX].replace(ABOUT, about.replace(b"<", b"\\u003c"))
        asked = " ".join(filter(None, ("'self'", rules.page_collector)))
        self._headers = {
            "content-security-policy": f"default-src 'none'; connect-src {asked}; {POLICY}",
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
            "cache-control": "no-cache",
        }

    async def index(self, _request: Request) -> Response:
        return self._file(INDEX)

    async def part(self, request: Request) -> Response:
        name = request.path_params["file"]
        return self._file(name) if name in self._files else problem(HTTPStatus.NOT_FOUND, "the page has no such file")

    def _file(self, name: str) -> Response:
        kind = KINDS[name.rpartition(".")[2]]
        return Response(self._files[name], headers=self._headers, media_type=kind)

    def routes(self) -> list[Route]:
        return [Route("/", self.index), Route("/page/{file}", self.part)]
