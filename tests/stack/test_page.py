"""The reader's page in a real browser, over real Kafka and Redis: what a person sees and does there."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from playwright.sync_api import Locator, Page, Route, expect, sync_playwright

from services.ops.parts import parts_of
from services.ops.supervisor import Supervisor
from services.stack.embedded import EmbeddedStack, default_home, default_jars
from services.stack.ports import free_ports
from shared.adapters.kafka_topics import ensure_topics
from shared.contracts.errors import Unavailable
from shared.contracts.settings import load_settings
from tests.stack.catalogue_shop import Shop
from tests.stack.chromium import Chromium, chromium
from tests.stack.parts import variables_of
from tests.waiting import wait_for

HOSTILE = "<img src=x onerror=\"document.title='taken'\">"
TEA, CUPS = "tea", "cups"
ITEMS, MET = 24, (0, 12)
SETTLE_MS = 200
PATIENCE_MS = 20_000  # a busy machine takes longer than the five seconds that Playwright waits
expect.set_options(timeout=PATIENCE_MS)


@dataclass(frozen=True)
class Served:
    shop: Shop
    url: str


@pytest.fixture(scope="module")
def browser() -> Chromium:
    """TEST_CHROMIUM=fetched takes the locked one where another is installed; a path takes that program."""
    try:
        return chromium(default_jars(default_home()), os.environ.get("TEST_CHROMIUM", ""))
    except Unavailable as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def served(stack: EmbeddedStack) -> Iterator[Served]:
    """A shop of two categories that some have visited, with everything running."""
    reader, collector = free_ports([None, None])
    settings = load_settings(
        tenant=f"page-{time.time_ns() % 10**9}",
        kafka={"bootstrap_servers": stack.kafka},
        redis={"url": stack.redis},
        reader={"port": reader},
        collector={"port": collector},
    )
    ensure_topics(settings)
    url = f"http://127.0.0.1:{reader}"
    more = {
        "HEADRACE_READER_PAGE_USERS": '["ann"]',
        "HEADRACE_READER_PAGE_COLLECTOR": f"http://127.0.0.1:{collector}",
        "HEADRACE_COLLECTOR_ALLOW_ORIGINS": f'["{url}"]',
        "HEADRACE_RERANK_EXPLORATION": "0",
    }
    parts = parts_of(settings, ingests=1, workers=1, reader=True, collector=True)
    with Supervisor(parts, environment=variables_of(settings, **more)):
        shop = Shop(settings)
        fill(shop)
        wait_for("the reader", lambda: _answers(f"{url}/readyz"))
        yield Served(shop, url)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


def fill(shop: Shop) -> None:
    for n in range(ITEMS):
        category = TEA if n < ITEMS // 2 else CUPS
        title = HOSTILE if n == 5 else f"The {category} {n}"
        record = {"item_id": f"item-{n}", "title": title, "categories": [category], "price": 1.0 + n}
        shop.send("item", f"item-{n}", record)
    for user in ("ann", "bob", "cem", "dee"):
        for n in range(ITEMS):
            if user != "ann" or n in MET:
                shop.view(user, f"item-{n}")
    wait_for("ann's list", lambda: (found := shop.list_of(shop.keys.rec("ann"))) and len(found.items) >= 5)
    wait_for("its titles", lambda: shop.read(shop.keys.item("item-5")))


@pytest.fixture
def page(browser: Chromium, served: Served) -> Iterator[Page]:
    """Open at ann's; what it throws, or the browser refuses it, fails the test."""
    complaints: list[str] = []
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=browser.program, env={**os.environ, **browser.variables}, args=["--no-sandbox"]
        )
        page = opened.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.goto(f"{served.url}/#ann")
        expect(cards(page).first).to_be_visible()
        yield page
        opened.close()
    assert not complaints


def cards(page: Page, row: str = "for_you") -> Locator:
    return page.locator(f'[data-row="{row}"] .card')


def first_held(page: Page, user: str) -> list[Route]:
    """Gets the first request for this user's rows, which goes no further until it is continued."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        if held or user not in (route.request.post_data or ""):
            route.continue_()
        else:
            held.append(route)

    page.route("**/v1/page", hold)
    return held


def card(page: Page, item: str, row: str = "for_you") -> Locator:
    return page.locator(f'[data-row="{row}"] [data-item="{item}"]')


def test_rows_have_titles_prices_and_reasons(page: Page) -> None:
    expect(page.get_by_role("heading", name="For you")).to_be_visible()
    expect(page.get_by_role("heading", name=f"Because you viewed The cups {MET[1]}")).to_be_visible()
    first = cards(page).first
    expect(first.locator(".title")).not_to_be_empty()
    expect(first.locator(".price")).not_to_be_empty()
    expect(first.locator(".why")).not_to_be_empty()
    expect(cards(page, "recently_viewed")).to_have_count(2)


def test_a_hostile_title_stays_text(page: Page) -> None:
    expect(page.get_by_text(HOSTILE).first).to_be_visible()
    assert page.locator("img").count() == 0
    assert page.title() == "Headrace"


def test_what_is_hidden_is_gone_from_the_next_answer_on(page: Page) -> None:
    item = cards(page).first.get_attribute("data-item") or ""
    card(page, item).get_by_role("button", name="Hide").click()
    expect(page.locator("#said")).to_contain_text("Hidden:")
    expect(card(page, item)).to_have_count(0)
    page.reload()
    expect(cards(page).first).to_be_visible()
    expect(card(page, item)).to_have_count(0)


def test_filters(page: Page) -> None:
    page.get_by_label("Category").fill(CUPS)
    expect(cards(page).filter(has_text=TEA)).to_have_count(0)
    expect(cards(page).first).to_contain_text(CUPS)
    page.get_by_label("Price up to").fill("16")
    expect(card(page, f"item-{ITEMS - 1}")).to_have_count(0)
    page.get_by_role("button", name="Clear").click()
    expect(cards(page).filter(has_text=TEA).first).to_be_visible()


def test_a_click_shows_what_is_near_and_is_a_view(page: Page, served: Served) -> None:
    target = cards(page).first
    item = target.get_attribute("data-item") or ""
    target.locator(".title").click()
    beside = page.locator('[data-beside="item"]')
    expect(beside.get_by_role("heading", name="Also viewed")).to_be_visible()
    keys = served.shop.keys
    wait_for("the view", lambda: (found := served.shop.list_of(keys.rec("ann"))) and item in found.recent)
    expect(card(page, item, "recently_viewed")).to_be_visible()
    page.keyboard.press("Tab")
    beside.get_by_role("button", name="Close").click()
    expect(page.locator('[data-beside="trending"]')).to_be_visible()


def test_a_guest_logs_in_and_their_items_come_along(page: Page, served: Served) -> None:
    session = f"s-{time.time_ns() % 10**9}"
    page.get_by_text("Guest", exact=True).click()
    page.get_by_label("Session id").fill(session)
    page.get_by_role("button", name="Show").click()
    served.shop.send("view", session, {"session_id": session, "item_id": "item-3", "ts": time.time_ns() // 1_000_000})
    expect(card(page, "item-3", "recently_viewed")).to_be_visible()
    page.get_by_label("Log this guest in as").fill("eve")
    late = first_held(page, "eve")
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("#said")).to_contain_text("is eve: 1 items came along")
    with page.expect_request_finished(lambda asked: asked == late[0].request):
        late[0].continue_()
    page.wait_for_timeout(SETTLE_MS)
    expect(page.locator("#said")).to_contain_text("is eve: 1 items came along")
    expect(card(page, "item-3", "recently_viewed")).to_be_visible()


def test_what_one_likes_is_asked_and_known(page: Page) -> None:
    page.get_by_role("button", name="Choose what you like").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("#liked").get_by_label(CUPS).check()
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator("#told").get_by_title("Liked")).to_have_text(CUPS)


def test_an_address_that_somebody_typed_names_them_as_it_stands(page: Page) -> None:
    page.goto(f"{page.url.partition('#')[0]}#50%")
    expect(page.locator("#name")).to_have_value("50%")
    page.reload()
    expect(page.locator("#state")).to_have_text("live")
    expect(page.locator("#known")).to_contain_text("Known of 50%")


def test_on_a_phone_lists_come_before_filters_and_nothing_scrolls_sideways(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    expect(cards(page).first).to_be_in_viewport()
    expect(page.get_by_label("Category")).to_be_hidden()
    page.get_by_text("Filters").click()
    page.get_by_label("Category").fill(CUPS)
    expect(page.get_by_text("Filters · 1 set")).to_be_visible()
    cards(page).first.locator(".title").click()
    expect(page.locator('[data-beside="item"]')).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_what_is_away_is_said(page: Page) -> None:
    state, status = page.locator("#state.bad"), "**/v1/status"
    page.route(status, lambda route: route.fulfill(json=route.fetch().json() | {"write_path": None}))
    expect(state).to_have_text("no worker runs: lists stand still")
    page.set_viewport_size({"width": 390, "height": 844})
    box = state.bounding_box()
    assert box is not None
    assert box["height"] < 30  # on one line
    page.unroute(status)
    expect(state).to_have_count(0)
    page.evaluate("void (window.fetch = () => Promise.reject(new TypeError('Failed to fetch')))")
    expect(state).to_have_text("the reader does not answer")
