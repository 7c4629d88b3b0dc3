"""A generation is rebuilt beside the one that serves: no list is ever missing, and who was forgotten stays so."""

import json
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest

from services.ops.forget import forget
from services.ops.rebuild import Rebuild
from shared.adapters.kafka_lag import LagReader
from shared.adapters.kafka_topics import ensure_topics
from shared.adapters.redis_views import ViewStore
from shared.contracts.settings import Settings
from shared.contracts.topics import FRAMES, topic_name
from shared.contracts.views import HOLD, VIEW_VERSION, ItemView, Keys, View, at, encode_view
from tests.stack.parts import COMMAND, headrace, running, variables_of
from tests.stack.shop import USERS, Shop
from tests.waiting import wait_for


def test_a_rebuild_replaces_lists_and_leaves_none_out(settings: Settings, tmp_path: Path) -> None:
    ensure_topics(settings)
    shop, output, keys = Shop(settings), tmp_path / "output", Keys(settings)
    staying = [user for user in USERS if user != "eve"]
    with running(settings, variables_of(settings), output):
        shop.send_views()
        wait_for("lists", lambda: shop.whole_in(1), output)
        forget(settings, "eve", 60)
        _leave(settings)
        command = [*COMMAND, "rebuild", "--then-stop"]
        log = (tmp_path / "rebuild").open("w+")
        with subprocess.Popen(command, env=variables_of(settings), stdout=log, stderr=log, text=True) as rebuild:
            seen: list[set[str]] = []
            while rebuild.poll() is None:
                lists = [shop.view(keys.rec(user)) for user in staying]
                assert None not in lists, "a reader found no list"
                generations = {view.at[:6] for view in lists if view is not None}
                seen += [] if seen and seen[-1] == generations else [generations]
        log.seek(0)
        assert rebuild.returncode == 0, log.read()
        assert seen[0] == {"000001"}
        assert seen[-1] == {"000002"}
        assert all(view is not None and len(view.items) == len(staying) for view in lists), "made from whole rows"
        assert shop.view(keys.rec("eve")) is None
    done = headrace(variables_of(settings, HEADRACE_GENERATION="2"), "verify", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert not json.loads(done.stdout)["not_compared"]


def _leave(settings: Settings) -> None:
    """What the earlier generation once counted, and nobody will again."""
    views, keys, version = ViewStore(settings), Keys(settings), at(settings.generation, 1)
    gone = View(VIEW_VERSION, version, 1, "trending", "decayed-6h", ["lamp"], [1.0], scope="context:device=gone")
    views.write([keys.trending("context:device=gone"), keys.trending("all", "2h")], [encode_view(gone)] * 2)
    views.write([keys.item("gone")], [encode_view(ItemView(VIEW_VERSION, version, "gone"))])
    views.set_members(keys.scopes(), version, ["context:device=gone"], [])
    views.close()


def test_a_rebuild_that_goes_on_from_an_earlier_one_publishes_what_came_since(
    settings: Settings, tmp_path: Path
) -> None:
    """The first one's markers stand still, and the generation that serves may not write over what it wrote."""
    ensure_topics(settings)
    shop, output, variables = Shop(settings), tmp_path / "output", variables_of(settings)
    with running(settings, variables, output):
        shop.send_views()
        wait_for("lists", lambda: shop.whole_in(1), output)
        headrace(variables, "rebuild", "--then-stop").check_returncode()
        before = {user: shop.ts_of(user) for user in USERS}
        shop.send_views()
        headrace(variables, "lag", "--wait", "60").check_returncode()
        assert before == {user: shop.ts_of(user) for user in USERS}
        headrace(variables, "rebuild", "--then-stop").check_returncode()
        assert all(shop.ts_of(user) > before[user] for user in USERS)


def test_a_rebuild_ends_with_its_workers(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `headrace rebuild 2>&1 | head -1` does: what cannot be printed ends the workers, and is not waited for."""

    def closed(_part: str, _line: bytes) -> None:
        raise BrokenPipeError

    for name, value in variables_of(settings).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(BrokenPipeError), Rebuild(settings, 1, closed) as anew:
        anew.publish(lambda _done, _total: None)


class Unheard(Rebuild):
    """Redis has lost the word "publish nothing" whenever a worker looks."""

    def _tell(self, word: bytes) -> None:
        if word != HOLD:
            super()._tell(word)


@pytest.mark.parametrize("kind", [Rebuild, Unheard])
def test_redis_that_loses_its_keys_has_nothing_half_folded_published(
    kind: type[Rebuild], settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The word "publish nothing" goes with the views, and nobody has said it again when the worker looks."""
    ensure_topics(settings)
    shop, output, said = Shop(settings), tmp_path / "output", tmp_path / "rebuild"
    for name, value in variables_of(settings).items():
        monkeypatch.setenv(name, value)
    with running(settings, variables_of(settings), output), said.open("wb") as lines:
        shop.send_views()
        wait_for("lists", lambda: shop.whole_in(1), output)
        with kind(settings, 1, lambda _part, line: lines.writelines([line, b"\n"])) as anew:
            wait_for("the later generation", lambda: caught_up(anew.settings), said)
            shop.lose_views()
            wait_for("lists again", lambda: shop.whole_in(1) or shop.whole_in(2), output, 60.0)
            time.sleep(3 * settings.ticks.epoch_ms / 1000)  # its worker looks once in an epoch
            assert shop.whole_in(1)
            anew.publish(lambda _done, _total: None)
            wait_for("lists of the later generation", lambda: shop.whole_in(2), said)


def caught_up(settings: Settings) -> bool:
    """Whether the workers of a generation have folded all of `frames`."""
    with closing(LagReader(settings)) as reader:
        lags = [lag for lag in reader.read(None) if lag.topic == topic_name(settings, FRAMES)]
    return not any(lag.records_behind for lag in lags) and any(lag.committed for lag in lags)
