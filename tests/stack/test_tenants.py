"""Two shops in one Kafka and one Redis, the name of one the beginning of the other's: neither touches the other."""

import time
from pathlib import Path
from typing import cast

import pytest
import redis

from services.ops.forget import forget
from services.ops.rebuild import Rebuild
from services.ops.refresh import all_stand, refresh
from shared.adapters.kafka_topics import ensure_topics
from shared.adapters.redis_views import ViewStore
from shared.contracts.settings import Settings
from shared.contracts.views import VIEW_VERSION, ItemView, Keys, at, encode_view
from tests.stack.parts import running, variables_of
from tests.stack.shop import USERS, Shop
from tests.waiting import wait_for

OTHERS = {"cup", "tea", "pot"}
QUIET_S = 7.0  # the learner's vectors are written every five


def test_what_is_done_to_a_shop_leaves_the_other_alone(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = settings.model_copy(update={"tenant": f"{settings.tenant}-2"})
    for each in (settings, other):
        ensure_topics(each)
    shop, beside, output = Shop(settings), Shop(other), tmp_path / "output"
    with running(settings, variables_of(settings), output), running(other, variables_of(other), output):
        shop.send_views()
        beside.send_views(*OTHERS)
        wait_for("lists of their own items", lambda: _shown(shop, settings) == {"lamp", "desk", *USERS} or None, output)
        wait_for("those of the other", lambda: _shown(beside, other) == OTHERS or None, output)

        kept = _left_alone(other, output)
        refresh(settings, 120, lambda _: None)
        forget(settings, "eve", 120)
        assert shop.view(Keys(settings).rec("eve")) is None
        for name, value in variables_of(settings).items():
            monkeypatch.setenv(name, value)
        with Rebuild(settings, 1, lambda *_: None) as anew:
            anew.catch_up(lambda *_: None)
            anew.publish(lambda *_: None)
        assert _stored(other) == kept, "of the other shop nothing has changed"

        kept = _left_alone(settings, output)
        forget(other, "ann", 120)
        beside.send_views(*OTHERS)
        refresh(other, 120, lambda _: None)
        wait_for("ann, who came again", lambda: beside.view(Keys(other).rec("ann")), output)
        assert _shown(beside, other) == OTHERS
        assert _stored(settings) == kept, "nor of the one whose name is the beginning"


def _shown(shop: Shop, settings: Settings) -> set[str]:
    """All items in anybody's list, and among what trends."""
    keys = Keys(settings)
    views = [shop.view(key) for key in (*map(keys.rec, USERS), keys.trending("all"))]
    return {item for view in views if view is not None for item in view.items}


def _left_alone(settings: Settings, output: Path) -> dict[bytes, bytes]:
    """What a shop's keys hold once nothing changes there any more, and a view that its own sweep would take away."""
    views, version = ViewStore(settings), at(settings.generation, 1)
    wait_for("all views", lambda: all_stand(views, settings) or None, output)
    views.write([Keys(settings).item("gone")], [encode_view(ItemView(VIEW_VERSION, version, "gone"))])
    views.close()

    def quiet() -> dict[bytes, bytes] | None:
        before = _stored(settings)
        time.sleep(QUIET_S)
        return before if _stored(settings) == before else None

    return wait_for("a quiet moment", quiet, output)


def _stored(settings: Settings) -> dict[bytes, bytes]:
    """Whatever it is; without the pulse, which is another one each second."""
    client = redis.Redis.from_url(settings.redis.url)
    keys = cast("list[bytes]", client.keys(f"{settings.tenant}:*"))
    return {key: cast("bytes", client.dump(key)) for key in sorted(keys) if b":pulse:" not in key}
