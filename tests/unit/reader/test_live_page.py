"""The page is whole by itself: its own files, no script or style in the markup, nothing from elsewhere."""

import asyncio
import json
import re
from importlib.resources import files

import pytest
from starlette.requests import Request

from services.reader.endpoints.live_page import LivePage
from shared.contracts.sections import ReaderSettings
from tests.unit.reader.conftest import Reader

FILES = sorted(one.name for one in (files("services.reader.endpoints") / "page").iterdir())


def test_the_reader_serves_it(reader: Reader) -> None:
    page = reader.client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; connect-src 'self'; ")
    assert "unsafe" not in policy
    for name in re.findall(r'(?:src|href)="(page/[^"]+)"', page.text):
        assert reader.client.get("/" + name).status_code == 200
    assert reader.client.get("/page/secrets.txt").status_code == 404


@pytest.mark.parametrize("name", FILES)
def test_no_file_of_it_asks_elsewhere_or_makes_markup_of_texts(name: str) -> None:
    text = (files("services.reader.endpoints") / "page" / name).read_text("utf-8")
    assert not re.search(r"https?://|innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|\son\w+=", text)
    assert all(
        (files("services.reader.endpoints") / "page" / other).is_file()
        for other in re.findall(r'from "\./([^"]+)"', text)
    )


def test_what_it_is_told_ends_no_script() -> None:
    rules = ReaderSettings(page_users=["ann", "</script><script>alert(1)"], page_collector="http://c:8081")
    page = asyncio.run(LivePage(rules).index(Request({"type": "http"})))
    told = re.search(r'id="about">(.*?)</script>', bytes(page.body).decode())
    assert told
    assert json.loads(told[1]) == {"users": ["ann", "</script><script>alert(1)"], "collector": "http://c:8081"}
    assert "connect-src 'self' http://c:8081;" in page.headers["content-security-policy"]


@pytest.mark.parametrize("wrong", ["http://c; script-src *", "c:8081", "javascript:alert(1)", "http://c/ 'self'"])
def test_a_collector_is_an_origin(wrong: str) -> None:
    with pytest.raises(ValueError, match="page_collector"):
        ReaderSettings(page_collector=wrong)
