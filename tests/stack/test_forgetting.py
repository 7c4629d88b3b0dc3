"""A forgotten user stays forgotten: after a late writer, a lost Redis, under a pseudonym. Dead letters come back."""

from pathlib import Path

import redis

from services.ops.dead_letters import DeadLetters
from services.ops.forget import forget
from shared.adapters.kafka_topics import ensure_topics
from shared.adapters.redis_views import ViewStore
from shared.adapters.state_log import read_saved
from shared.contracts.identity import pseudonym
from shared.contracts.sections import IdentitySettings
from shared.contracts.settings import Settings
from shared.contracts.topics import FRAMES, partition_counts
from shared.contracts.views import VIEW_VERSION, Keys, View, at, encode_view
from tests.stack.parts import running, variables_of
from tests.stack.shop import Shop
from tests.waiting import wait_for


def written(views: ViewStore, keys: Keys, offset: int) -> bool:
    """Whether a list of that version is taken."""
    view = View(VIEW_VERSION, at(1, offset), offset, "personal", "cooc-1", [], [], user_id="ann")
    return not views.write([keys.rec("ann")], [encode_view(view)], 60)


def test_nobody_writes_a_list_from_before_its_users_end(settings: Settings) -> None:
    views, keys = ViewStore(settings), Keys(settings)
    client = redis.Redis.from_url(settings.redis.url)
    ann = [keys.rec("ann")]
    assert written(views, keys, 5)
    views.remove(ann, at(1, 7))
    assert client.get(keys.rec("ann")) is None
    assert not written(views, keys, 6), "a worker that slept must not bring the list back"
    assert client.get(keys.rec("ann")) is None
    assert written(views, keys, 8), "the user may come again"
    views.remove(ann, at(1, 7))
    assert client.get(keys.rec("ann")), "nor may it take the later list away"
    assert client.ttl(keys.grave(keys.rec("ann"))) > 0
    assert client.ttl(keys.removed()) >= client.ttl(keys.grave(keys.rec("ann")))


def test_a_user_is_forgotten_by_name_and_does_not_come_back(settings: Settings, tmp_path: Path) -> None:
    ensure_topics(settings)
    secret = settings.model_copy(update={"identity": IdentitySettings(user_secret="s3cret")})
    shop, output, keys = Shop(settings), tmp_path / "output", Keys(settings)
    name = pseudonym("ann", secret.identity)
    with running(settings, variables_of(settings, HEADRACE_IDENTITY_USER_SECRET="s3cret"), output):
        shop.send_views()
        wait_for("the list", lambda: shop.view(keys.rec(name)), output)
        assert shop.view(keys.rec("ann")) is None, "behind ingest there is only the pseudonym"
        client, beside = redis.Redis.from_url(settings.redis.url), (keys.told(name), keys.shown(name))
        client.mset(dict.fromkeys(beside, b"what a reader keeps"))
        assert forget(secret, " ann ", 60), "there was a list"
        assert not forget(secret, "session:ann", 60), "nobody of that name was there"
        assert shop.view(keys.rec(name)) is None
        assert client.mget(beside) == [None, None]
        client.delete(*client.keys(f"{settings.tenant}:*"))
        bob = pseudonym("bob", secret.identity)
        wait_for("the others' lists", lambda: shop.view(keys.rec(bob)), output)
        wait_for("all views", lambda: _stand(client, settings), output)
        assert shop.view(keys.rec(name)) is None
    users = _users_saved(shop, settings)
    assert bob.encode() in users
    assert name.encode() not in users
    assert b"ann" not in users


def _stand(client: redis.Redis, settings: Settings) -> bool:
    return len(client.keys(f"{settings.tenant}:published:*")) == sum(partition_counts(settings).values())


def _users_saved(shop: Shop, settings: Settings) -> bytes:
    saved = [read_saved(shop.log, settings, FRAMES, n) for n in range(settings.topics.frames_partitions)]
    tables = [s.segments for s in saved if s is not None]
    return b"".join(segment for table in tables for name, segment in table.items() if name.startswith("users"))


def test_dead_letters_are_sent_back_once(settings: Settings, tmp_path: Path) -> None:
    ensure_topics(settings)
    shop, output = Shop(settings), tmp_path / "output"
    letters = DeadLetters(settings)
    assert not letters.waiting
    with running(settings, variables_of(settings, HEADRACE_EVENTS_MIN_TS_MS="9999999999999"), output):
        shop.send_views()
        wait_for("dead letters", lambda: sum(DeadLetters(settings).waiting.values()) == 15, output)
    with running(settings, variables_of(settings), output):
        waiting = DeadLetters(settings)
        assert set(waiting.waiting) == {(f"{settings.tenant}.view", "timestamp-too-old")}
        assert waiting.send_back(lambda _: None) == 15
        assert DeadLetters(settings).send_back(lambda _: None) == 0, "each is sent back once"
        wait_for("lists", lambda: shop.whole_in(1), output)
        wait_for("a pulse that has counted all", lambda: shop.applied() == 15, output)
