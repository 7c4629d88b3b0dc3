from shared.contracts.events import Event
from shared.contracts.frames import decode_frame, encode_frame, rows
from shared.core.frames.framing import LARGEST_FRAME, FrameBuilder
from shared.core.tables.interning import order_key


def test_rows_come_out_as_they_went_in() -> None:
    builder = FrameBuilder()
    event = Event(ts=5, user_id="u", item_id="i", event_id="e", value=2.5, context={"country": "AT"}, rec_id="r")
    builder.add_event(("view", 3, 17), 9, "view", event)
    builder.add_event(("click", 0, 1), 10, "click", Event(ts=6, session_id="s", item_id="i"))
    builder.add_item_record(("item", 0, 2), 11, "item", "i", b"{}")
    builder.add_user_record(("user", 0, 3), 12, "user", "u", None)
    first, second, item, user = rows(decode_frame(encode_frame(builder.build())))
    assert (first["source"], first["source_partition"], first["source_offset"]) == ("view", 3, 17)
    assert (first["user"], first["item"], first["ts"], first["value"]) == ("u", "i", 5, 2.5)
    assert (first["context"], first["rec"], first["key"]) == (b'{"country":"AT"}', "r", order_key("e"))
    assert (second["user"], second["session"], second["key"], second["value"] != second["value"]) == (
        "session:s",
        "s",
        0,
        True,
    )
    assert (item["item"], item["record"], item["user"]) == ("i", b"{}", None)
    assert (user["user"], user["record"], user["item"]) == ("u", None, None)


def test_a_category_stands_where_records_stand() -> None:
    builder = FrameBuilder()
    builder.add_event(("avoid", 0, 1), 1, "avoid", Event(ts=5, user_id="u", category="café", session_id="s"))
    builder.add_event(("view", 0, 1), 1, "view", Event(ts=5, user_id="u", item_id="i"))
    avoid, view = rows(decode_frame(encode_frame(builder.build())))
    assert (avoid["record"], avoid["item"], avoid["session"]) == ("café".encode(), None, "s")
    assert view["record"] is None


def test_a_builder_says_how_much_it_holds() -> None:
    builder = FrameBuilder()
    assert builder.size == 0
    builder.add_item_record(("item", 0, 0), 0, "item", "i", b"x" * (LARGEST_FRAME + 1))
    assert builder.size > LARGEST_FRAME
