"""What ingest makes of what users say of themselves."""

import json
from typing import Any, cast

import pytest

from shared.contracts.frames import decode_frame, rows
from shared.contracts.identity import pseudonym
from shared.contracts.sections import IdentitySettings
from shared.contracts.settings import load_settings
from shared.contracts.topics import LARGEST_DEAD_LETTER
from streams.intake.intake import Intake
from streams.out.letters import MOST_BYTES
from tests.unit.streams.polled import NOW, Polled

LONGEST_HEADERS = 4 * 500 + 1000  # the detail in UTF-8, and all else


def message(topic: str, offset: int, **fields: object) -> Polled:
    return Polled(topic, offset, json.dumps({"ts": NOW} | fields).encode())


class Delivery:
    """Keeps what is produced."""

    def __init__(self) -> None:
        self.values: list[bytes] = []
        self.keys: list[object] = []

    def produce(self, _topic: str, value: bytes, **rest: object) -> None:
        self.values.append(value)
        self.keys.append(rest.get("key"))


def rows_of(*messages: Polled, secret: str = "") -> list[dict[str, object]]:
    settings = load_settings(topics={"frames_partitions": 1}, identity={"user_secret": secret})
    delivery = Delivery()
    intake = Intake(settings, cast("Any", delivery))
    intake.take(cast("Any", messages))
    intake.send()
    [value] = delivery.values
    return list(rows(decode_frame(value)))


@pytest.mark.parametrize("kind", ["prefer", "avoid"])
def test_a_category_goes_with_the_event(kind: str) -> None:
    [row] = rows_of(message(kind, 0, user_id="u", category=" tea "))
    assert (row["kind"], row["record"], row["item"]) == (kind, b"tea", None)


def test_a_category_of_another_event_is_left_behind() -> None:
    [row] = rows_of(message("view", 0, user_id="u", item_id="i", category="tea"))
    assert row["record"] is None


def test_an_identification_names_the_session_as_the_guest_is_known() -> None:
    identity = IdentitySettings(user_secret="s3cret")
    guest, login = rows_of(
        message("view", 0, session_id="s-7", item_id="i"),
        message("identify", 0, user_id="u", session_id="s-7"),
        secret="s3cret",
    )
    assert (login["user"], login["session"]) == (pseudonym("u", identity), pseudonym("s-7", identity))
    assert guest["user"] == f"session:{login['session']}"
    assert "s-7" not in str(login)


def test_a_guest_of_the_longest_session_can_be_forgotten() -> None:
    guest = f"session:{'s' * 256}"
    [row] = rows_of(Polled("user", 0, None, guest.encode()))
    assert (row["kind"], row["user"], row["record"]) == ("user", guest, None)


@pytest.mark.parametrize("key", [None, b"k" * 1000, b"k" * 20_000_000])
def test_of_a_record_that_no_topic_of_ours_takes_the_beginning_is_buried(key: bytes | None) -> None:
    """Its topic may take any: what cannot be buried would end every ingest that meets it."""
    delivery, message = Delivery(), Polled("view", 0, b'{"padding": "' + b"a" * 20_000_000, key)
    Intake(load_settings(), cast("Any", delivery)).take(cast("Any", [message]))
    [value], [kept] = delivery.values, delivery.keys
    assert isinstance(kept, bytes | None)
    assert (key or b"").startswith(kept or b"")
    assert cast("bytes", message.value()).startswith(value)
    assert len(value) + len(kept or b"") == MOST_BYTES
    assert MOST_BYTES + LONGEST_HEADERS < LARGEST_DEAD_LETTER
