"""A catalogue, embeddings and a batch model's lists, before a real Kafka, Redis and worker."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import redis

from services.ops.dead_letters import DeadLetters
from services.ops.forget import forget
from shared.adapters.compacted import latest
from shared.adapters.kafka_clients import event_producer, headers_of
from shared.adapters.kafka_topics import ensure_topics
from shared.adapters.log_reader import PartitionLog
from shared.contracts.settings import Settings
from shared.contracts.topics import BATCH_LIST, DEAD_LETTER, ITEM, partition_counts, topic_name
from shared.contracts.views import Keys
from tests.stack.parts import headrace, only, running, variables_of
from tests.stack.shop import Shop
from tests.waiting import wait_for


def said_by(settings: Settings, *arguments: object, status: int = 0) -> str:
    """What it says on standard error."""
    done = headrace(variables_of(settings), *map(str, arguments))
    assert done.returncode == status, done.stderr
    return done.stderr


def standing(settings: Settings, topic: str) -> dict[str, dict[str, object]]:
    found = latest(settings, topic_name(settings, topic), values=True)
    return {key.decode(): json.loads(record.value) for key, record in found.items()}


def letter_times(settings: Settings) -> list[int]:
    """When the broker took the records that are dead letters."""
    topic = topic_name(settings, DEAD_LETTER)
    with closing(PartitionLog(settings.kafka, "letter-times")) as log:
        letters = list(log.messages(topic, 0, *log.bounds(topic, 0), contiguous=False))
    return [int(headers_of(letter)["timestamp"]) for letter in letters]


def test_a_catalogue_is_imported_given_vectors_and_replaced(settings: Settings, tmp_path: Path) -> None:
    items, vectors, rejects = tmp_path / "items.csv", tmp_path / "vectors.jsonl", tmp_path / "rejects"
    items.write_text("id,title,category,price\na,Lamp,Home,1\nb,Desk,Home,much\nc,Rug,Home,3\n")

    said = said_by(settings, "import-items", items, "--rejects", rejects, status=1)

    assert "bad row items.csv:3: wrong-type: price 'much' is not a number" in said
    assert "2 items sent" in said
    assert rejects.read_text() == "items.csv\t3\twrong-type\tprice 'much' is not a number\n"
    assert set(standing(settings, ITEM)) == {"a", "c"}

    vectors.write_text('{"item_id":"a","embedding":[0.1,2]}\n{"item_id":"z","embedding":[1,2]}\n')
    said = said_by(settings, "import-embeddings", vectors, "--allow-rejects")
    assert "bad row vectors.jsonl:2: unknown-item: the topic has no item 'z' [item_id]" in said
    assert standing(settings, ITEM)["a"] == {
        "item_id": "a", "title": "Lamp", "categories": ["Home"], "price": 1.0, "embedding": [0.1, 2.0]
    }  # fmt: skip

    texts = tmp_path / "texts.jsonl"
    texts.write_text('{"item_id":"a","title":"Red lamp"}\n{"item_id":"c","title":"Red rug"}\n')
    assert "64 dimensions" in said_by(settings, "import-embeddings", texts, "--from-text")
    found: dict[str, Any] = standing(settings, ITEM)
    assert [(len(found[item]["embedding"]), found[item]["near"]) for item in "ac"] == [(64, ["c"]), (64, ["a"])]

    items.write_text("id,title,price\na,Lamp,2\n")
    assert "embedding and near of the topic's 2 items that have any stay" in said_by(settings, "import-items", items)
    again: dict[str, Any] = standing(settings, ITEM)
    vectors_of_a = {name: found["a"][name] for name in ("embedding", "near")}
    assert again == {**found, "a": {"item_id": "a", "title": "Lamp", "price": 2.0, **vectors_of_a}}
    said_by(settings, "import-items", items, "--drop-vectors")
    assert standing(settings, ITEM)["a"] == {"item_id": "a", "title": "Lamp", "price": 2.0}

    elsewhere = event_producer(settings.kafka)
    elsewhere.produce(topic_name(settings, ITEM), b'{"item_id":"j"}', key=b"j", partition=3)
    assert elsewhere.flush(30) == 0
    items.write_text("id,title\nc,Rug\nd,Vase\n")
    assert "2 would be, 2 removed" in said_by(settings, "import-items", items, "--replace", "--dry-run")
    assert set(standing(settings, ITEM)) == {"a", "c", "j"}
    assert "2 items sent, 2 removed" in said_by(settings, "import-items", items, "--replace")
    assert set(standing(settings, ITEM)) == {"c", "d"}

    items.write_text("id,title,price\ne,Cup,1\nc,Rug,x\n")
    assert "nothing was sent" in said_by(settings, "import-items", items, "--replace", status=1)
    said_by(settings, "import-items", items, "--replace", "--allow-rejects")
    assert set(standing(settings, ITEM)) == {"c", "e"}, "a bad row does not remove its item"


def test_lists_of_a_batch_model_stand_come_again_and_go_with_their_user(settings: Settings, tmp_path: Path) -> None:
    ensure_topics(settings)
    shop, output, keys, lists = Shop(settings), tmp_path / "output", Keys(settings), tmp_path / "lists.csv"
    client = redis.Redis.from_url(settings.redis.url)
    lists.write_text("user,item,score\nann,x,2\nann,y,1\nbob,z,1\neve,z,1\n")
    with running(settings, variables_of(settings), output):
        said_by(settings, "import-lists", lists)
        view = wait_for("the lists", lambda: shop.view(keys.batch("ann")), output)
        assert (view.items, view.scores, view.source) == (["x", "y"], [2.0, 1.0], "batch")
        wait_for("all lists", lambda: shop.view(keys.batch("eve")), output)
        assert 0 < int(client.ttl(keys.batch("ann"))) <= settings.lists.ttl_s

        lists.write_text("user,item,score\nann,w,2\nbob,z,1\n")
        said_by(settings, "import-lists", lists, "--replace")
        wait_for("eve's list to go", lambda: shop.view(keys.batch("eve")) is None, output)
        wait_for("ann's new list", lambda: (shop.view(keys.batch("ann")) or view).items == ["w"], output)

        producer = event_producer(settings.kafka)
        producer.produce(topic_name(settings, BATCH_LIST), b"{", key=b"dan", partition=0)
        assert producer.flush(30) == 0
        wait_for("a dead letter", lambda: DeadLetters(settings).waiting, output)
        assert DeadLetters(settings).waiting == {(topic_name(settings, BATCH_LIST), "malformed-json"): 1}
        dan = latest(settings, topic_name(settings, BATCH_LIST), values=False)[b"dan"]
        assert letter_times(settings) == [dan.at]

        forget(settings, "ann", 60)
        assert shop.view(keys.batch("ann")) is None
        left = latest(settings, topic_name(settings, BATCH_LIST), values=False)
        assert set(left) == {b"bob", b"dan"}
    with only("worker", settings, variables_of(settings), output):
        client.delete(*client.keys(f"{settings.tenant}:*"))
        wait_for("bob's list again", lambda: shop.view(keys.batch("bob")), output)
        wait_for("all views", lambda: _stand(client, settings), output)
        assert shop.view(keys.batch("ann")) is None
        assert shop.view(keys.batch("eve")) is None


def _stand(client: redis.Redis, settings: Settings) -> bool:
    found = client.keys(f"{settings.tenant}:published:*")
    return len(found) == sum(partition_counts(settings).values())
