"""``headrace replay`` and ``simulate`` as commands, before a real Kafka."""

from pathlib import Path

import pytest

from shared.contracts.settings import Settings
from tests.stack.parts import headrace, variables_of
from tests.stack.raw import read_raw

pytestmark = pytest.mark.stack


def test_a_log_arrives_whole_and_in_order_with_its_catalogue(settings: Settings, tmp_path: Path) -> None:
    log, items = tmp_path / "log.csv", tmp_path / "items.csv"
    rows = [f"{1_500_000_000_000 + n},u{n % 5},i{n % 9},{'buy' if n % 3 else 'pv'},{n}" for n in range(2000)]
    log.write_text("ts,user,item,event,price\n" + "\n".join(reversed(rows)) + "\nbad,u,i,pv,1\n")
    items.write_text("id,title,category\ni1,Lamp,Home|Light\ni2,Desk,Home\n")

    done = headrace(variables_of(settings), "replay", str(log), "--items", str(items))

    assert done.returncode == 0, done.stderr
    assert "bad row log.csv:2002: wrong-type" in done.stderr
    assert "1,333 purchase" in done.stderr
    sent = read_raw(settings, ["view", "purchase"])
    assert len(sent) == 2000
    by_user: dict[tuple[str, str], list[int]] = {}
    for kind, key, event in sent:
        assert key == event["user_id"].encode()
        by_user.setdefault((kind, event["user_id"]), []).append(event["ts"])
    assert all(times == sorted(times) for times in by_user.values())
    catalogue = {record["item_id"]: record["categories"] for _, _, record in read_raw(settings, ["item"])}
    assert catalogue == {"i1": ["Home", "Light"], "i2": ["Home"]}


def test_a_simulated_storefront_arrives_and_tells_the_truth(settings: Settings, tmp_path: Path) -> None:
    truth = tmp_path / "truth.json"
    shape = ["--users", "50", "--items", "60", "--events", "3000", "--seed", "3", "--truth", str(truth)]

    done = headrace(variables_of(settings), "simulate", *shape)

    assert done.returncode == 0, done.stderr
    kinds = ["view", "click", "cart", "favorite", "purchase", "rating", "return"]
    assert len(read_raw(settings, kinds)) == 3000
    assert len({record["item_id"] for _, _, record in read_raw(settings, ["item"])}) == 60
    assert '"events": 3000' in truth.read_text()


def test_no_broker_is_one_clear_line(settings: Settings, tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("ts,user,item\n1500000000000,u,i\n")
    nowhere = settings.model_copy(
        update={"kafka": settings.kafka.model_copy(update={"bootstrap_servers": "127.0.0.1:1"})}
    )

    done = headrace(variables_of(nowhere), "replay", str(log))

    assert done.returncode == 1
    assert "Kafka at 127.0.0.1:1 does not answer" in done.stderr
    assert "Traceback" not in done.stderr
