import pytest

from shared.contracts.settings import Settings
from shared.contracts.topics import Topic, all_topics, group_name, raw_topics, topic_name


def topics(settings: Settings) -> dict[str, Topic]:
    found = {topic.name: topic for topic in all_topics(settings)}
    assert len(found) == len(all_topics(settings))
    return found


def test_raw_topics_are_stamped_by_the_broker() -> None:
    """Its clock, not the producer's, says what lies too far in the future."""
    for name in ("view", "purchase", "search"):
        assert topics(Settings())[name].config["message.timestamp.type"] == "LogAppendTime"


@pytest.mark.parametrize("name", ["frames", "item-deltas", "dead-letter"])
def test_the_log_is_kept_for_ever(name: str) -> None:
    assert topics(Settings())[name].config["retention.ms"] == "-1"


def test_a_dead_letter_fits_whatever_a_raw_topic_takes() -> None:
    found = topics(Settings())
    largest = {name: int(topic.config.get("max.message.bytes", 0)) for name, topic in found.items()}
    assert largest["dead-letter"] > largest["view"] == largest["item"] == largest["frames"] == 8_000_000


@pytest.mark.parametrize("name", ["item", "user"])
def test_records_are_compacted(name: str) -> None:
    assert topics(Settings())[name].config["cleanup.policy"] == "compact"


def test_a_tenant_has_names_of_its_own() -> None:
    shop = Settings(tenant="shop")
    assert not set(topics(shop)) & set(topics(Settings()))
    assert raw_topics(shop)["shop.view"] == "view"
    assert topic_name(shop, "frames") == "shop.frames"
    assert (group_name(shop, "ingest"), group_name(Settings(), "ingest")) == ("shop-ingest", "headrace-ingest")


def test_a_type_may_live_in_another_topic() -> None:
    settings = Settings.model_validate({"events": {"types": {"view": {"topic": "page.views"}}}})
    assert raw_topics(settings) == {"page.views": "view", "item": "item", "user": "user"}


def test_a_later_generation_has_logs_and_a_group_of_its_own_over_the_same_frames() -> None:
    shop = Settings(tenant="shop", generation=3)
    assert [topic_name(shop, short) for short in ("frames", "item-deltas", "tops", "state.items")] == [
        "shop.frames", "shop.item-deltas.3", "shop.tops.3", "shop.state.items"
    ]  # fmt: skip
    assert (group_name(shop, "ingest"), group_name(shop, "worker")) == ("shop-ingest", "shop-worker-3")
