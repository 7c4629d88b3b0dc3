"""What a user says of themselves, with real processes: events and records in Kafka, the user's view in Redis."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from services.stack.embedded import EmbeddedStack
from shared.adapters.kafka_topics import ensure_topics
from shared.contracts.identity import pseudonym
from shared.contracts.sections import IdentitySettings
from shared.contracts.settings import load_settings
from shared.contracts.views import View
from tests.stack.catalogue_shop import Shop
from tests.stack.parts import running, variables_of
from tests.stack.test_verify import Verified
from tests.waiting import wait_for

SECRET = IdentitySettings(user_secret="s3cret")
ANN, BOB, GUEST = (pseudonym(name, SECRET) for name in ("ann", "bob", "session:s-7"))


@pytest.fixture(scope="module")
def verified(stack: EmbeddedStack) -> Verified:
    settings = load_settings(
        tenant=f"told-{time.time_ns() % 10**9}",
        kafka={"bootstrap_servers": stack.kafka},
        redis={"url": stack.redis},
    )
    rules = {"HEADRACE_IDENTITY_USER_SECRET": SECRET.user_secret, "HEADRACE_LISTS_LENGTH": "3"}
    return Verified(settings, variables_of(settings, **rules))


@pytest.fixture(scope="module")
def shop(verified: Verified, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    settings = verified.settings
    ensure_topics(settings)
    with running(settings, verified.variables, tmp_path_factory.mktemp("parts") / "output"):
        yield Shop(settings)


def tell(shop: Shop, kind: str, **fields: Any) -> None:
    shop.send(kind, "ann", {"user_id": "ann", "ts": time.time_ns() // 1_000_000, **fields})


def list_of_ann(shop: Shop, **said: list[str]) -> View | None:
    """Once it says this."""
    view = shop.list_of(shop.keys.rec(ANN))
    return view if view and all(getattr(view, name) == value for name, value in said.items()) else None


def test_what_a_user_tells_stands_in_their_view_until_they_are_forgotten(shop: Shop, verified: Verified) -> None:
    for n in range(8):
        shop.view("bob", f"item-{n}")
        shop.view("cem", f"item-{n}")
    wait_for("what trends", lambda: shop.list_of(shop.keys.trending("all")))

    tell(shop, "prefer", category="tea")
    found = wait_for("a list of who has no history", lambda: list_of_ann(shop, liked=["tea"]))
    assert (found.visits, found.recent, found.ts) == (0, [], 0)
    wait_for("what trends in it", lambda: _told_again(shop))

    tell(shop, "prefer", category="cups")  # between topics there is no order but that of their arrival
    wait_for("the second", lambda: list_of_ann(shop, liked=["tea", "cups"]))
    tell(shop, "avoid", category="coffee")
    tell(shop, "avoid", category="cups")
    wait_for("both sides", lambda: list_of_ann(shop, liked=["tea"], avoided=["coffee", "cups"]))

    shop.send("view", "s-7", {"session_id": "s-7", "item_id": "item-1", "ts": time.time_ns() // 1_000_000})
    tell(shop, "identify", session_id="s-7")
    found = wait_for("the session", lambda: list_of_ann(shop, sessions=[GUEST.removeprefix("session:")]))
    guest = wait_for("the guest's", lambda: shop.list_of(shop.keys.rec(f"session:{found.sessions[0]}")))
    assert guest.recent == ["item-1"]

    shop.send("user", "ann", {"user_id": "ann", "attributes": {"gender": "f", "name": "Ann"}})
    found = wait_for("the segment", lambda: list_of_ann(shop, segments=["segment:gender=f"]))
    assert (found.liked, found.avoided, len(found.sessions)) == (["tea"], ["coffee", "cups"], 1)
    shop.view("ann", "item-5")
    trending = wait_for("what trends there", lambda: shop.list_of(shop.keys.trending("segment:gender=f")))
    assert trending.items == ["item-5"]

    verified.caught_up()
    status, said = verified.verify("--refresh")
    assert (status, said["differing"]) == (0, 0), said

    shop.send("user", "ann", None)
    wait_for("no list", lambda: shop.list_of(shop.keys.rec(ANN)) is None)
    shop.view("ann", "item-2")
    found = wait_for("a list of somebody new", lambda: list_of_ann(shop, recent=["item-2"]))
    assert [found.liked, found.avoided, found.sessions, found.segments] == [[]] * 4


def _told_again(shop: Shop) -> View | None:
    """A list is made when something is told, of what stands by then."""
    tell(shop, "prefer", category="tea")
    time.sleep(0.5)
    view = list_of_ann(shop, liked=["tea"])
    return view if view and len(view.items) == 3 and view.explore else None
