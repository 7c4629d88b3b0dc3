import gzip
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from services.producers.files import SAMPLE_ROWS, UnreadableLog
from services.producers.item_rows import open_item_file
from services.producers.layouts import Wanted
from services.producers.reading import open_log, records
from services.producers.records import Record, encode
from services.producers.rejects import Rejects
from services.producers.times import RELATIVE_ORIGIN_MS
from shared.contracts.events import decode_event
from tests.unit.producers.logs import SETTINGS, opened, read, spoilt, write

HEADER = "ts,user_id,item_id,event_type,price\n"


def test_a_bad_row_is_told_with_its_line_and_reason_and_the_others_are_read(tmp_path: Path) -> None:
    lines = [
        "1483273827000,u,i,view,1",
        "soon,u,i,view,1",
        "1483273827000,,i,view,1",
        "1483273827000,u,,view,1",
        "1483273827000,u,i,gaze,1",
        "1483273827000,u,i,view,cheap",
        "1483273827000,u,i,view,nan",
        "1483273827,u,i,view,1",
        f"1483273827000,{'u' * 300},i,view,1",
        "1483273827000,u,i\x07,view,1",
        "1483273827000,u,i",
        "",
        "1483273827000,u,j,view,2",
    ]
    found, bad = read(opened(tmp_path, HEADER + "\n".join(lines) + "\n"))

    assert [r.item for r in found] == ["i", "j"]
    assert bad == [
        ("3", "wrong-type", "ts"),
        ("4", "missing-user", "user_id"),
        ("5", "missing-field", "item_id"),
        ("6", "unknown-type", "type"),
        ("7", "wrong-type", "value"),
        ("8", "not-finite", "value"),
        ("9", "timestamp-too-old", "ts"),
        ("10", "id-too-long", "user_id"),
        ("11", "id-unprintable", "item_id"),
        ("12", "malformed-row", ""),
    ]


def test_bad_utf8_spoils_its_row_alone(tmp_path: Path) -> None:
    rows = b"1483273827000,\xff\xfe,i,view,1\n1483273827000,\xc3\xa4,i,view,1\n"
    found, bad = read(opened(tmp_path, HEADER.encode() + rows))

    assert [r.user for r in found] == ["ä"]
    assert [where for where, *_ in bad] == ["2"]


@pytest.mark.parametrize("column", ["town", "basket_id"])
def test_bad_utf8_beside_the_ids_is_a_bad_row_before_anything_is_sent(tmp_path: Path, column: str) -> None:
    text = f"user_id,item_id,ts,{column}\nu,i,1483273827000,K\xf6ln\nu,j,1483273827000,Ulm\n"
    found, bad = read(opened(tmp_path, text.encode("latin-1")))

    assert [decode_event(encode(record), 10_000).item_id for record in found] == ["j"]
    assert [(where, reason) for where, reason, _ in bad] == [("2", "not-utf8")]


def test_bad_utf8_in_what_a_row_says_of_its_item_is_no_reason_to_refuse_the_event(tmp_path: Path) -> None:
    text = b"user_id,item_id,ts,brand\nu,i,1483273827000,Caf\xe9\n"
    (record,), bad = read(opened(tmp_path, text, derive_items=True))

    assert (record.item, record.about, bad) == ("i", None, [])


def test_json_lines_say_which_line_and_which_event_within(tmp_path: Path) -> None:
    text = (
        '{"session":1,"events":[{"aid":1,"ts":1659304800025,"type":"clicks"},{"aid":2,"ts":null,"type":"clicks"}]}\n'
        '{"session":2,"eve\n'
        "17\n"
    )
    found, bad = read(opened(tmp_path, text))

    assert [(r.user, r.item, r.where) for r in found] == [("1", "1", "1.1")]
    assert [(where, reason) for where, reason, _ in bad] == [
        ("1.2", "missing-field"),
        ("2", "malformed-json"),
        ("3", "wrong-type"),
    ]


@pytest.mark.parametrize("price", ["true", "false", "[1]", "1" + "0" * 400])
def test_a_value_that_is_no_number_is_a_bad_row(tmp_path: Path, price: str) -> None:
    text = '{"user":"u","item":"a","ts":1483273827000,"price":1}\n' * 2
    found, bad = read(opened(tmp_path, text + text.replace('":1}', f'":{price}}}', 1)))

    assert ([r.value for r in found], bad) == ([1.0, 1.0, 1.0], [("3", "wrong-type", "value")])


def test_neither_true_nor_what_no_float_holds_is_a_time(tmp_path: Path) -> None:
    times = [60, 120, "true", "1" + "0" * 400, 180]
    found, bad = read(opened(tmp_path, "".join(f'{{"user":"u","item":"i","ts":{ts}}}\n' for ts in times)))

    assert [r.ts - RELATIVE_ORIGIN_MS for r in found] == [60_000, 120_000, 180_000]
    assert bad == [("3", "wrong-type", "ts"), ("4", "wrong-type", "ts")]


def test_blank_lines_before_the_header_are_passed_over(tmp_path: Path) -> None:
    found, bad = read(opened(tmp_path, "\r\n\r\nuser,item,ts\r\nu,a,1483273827000\r\n"))

    assert ([(r.user, r.item, r.where) for r in found], bad) == ([("u", "a", "4")], [])


def test_quoted_cells_and_a_byte_order_mark(tmp_path: Path) -> None:
    found, bad = read(opened(tmp_path, '\ufeff"user","item","ts","title"\n"u,1","a ""b""",1483273827000,"x\ny"\n'))

    assert not bad
    assert (found[0].user, found[0].item) == ("u,1", 'a "b"')


def test_ids_are_derived_from_the_file_only_when_asked_for(tmp_path: Path) -> None:
    text = "user,item,ts\nu,i,1483273827000\nu,i,1483273827000\n"
    (first, second), _ = read(opened(tmp_path, text, event_ids=True))
    (again, _), _ = read(opened(tmp_path, text, event_ids=True))
    (other, _), _ = read(opened(tmp_path, text, name="other", event_ids=True))
    (plain, _), _ = read(opened(tmp_path, text))

    assert first.event_id == again.event_id
    assert len({first.event_id, second.event_id, other.event_id}) == 3
    assert plain.event_id is None


def test_a_file_cut_off_in_its_gzip_is_said(tmp_path: Path) -> None:
    path = write(tmp_path, "user,item,ts\n" + "".join(f"u{n * n},i,1483273827000\n" for n in range(9000)), "log.gz")
    path.write_bytes(path.read_bytes()[:-500])

    with pytest.raises(UnreadableLog, match=r"log.gz"):
        read(open_log(path, SETTINGS))


def test_a_record_is_sent_as_the_contract_says() -> None:
    record = Record(1483273827000, "view", "u", "i", 2.5, {"country": "DE"}, "b1", "s", "e1")
    event = decode_event(encode(record, shift_ms=1000), 10_000)

    assert (event.ts, event.user_id, event.item_id, event.value) == (1483273828000, "u", "i", 2.5)
    assert (event.session_id, event.event_id) == ("s", "e1")
    assert event.context == {"country": "DE", "basket": "b1"}
    assert record.context == {"country": "DE"}


def test_event_times_are_bounded_by_now_unless_they_will_be_moved(tmp_path: Path) -> None:
    text = "user,item,ts\nu,i,1483273827000\n"

    assert read(opened(tmp_path, text, now_ms=1_400_000_000_000))[1] == [("2", "timestamp-in-future", "ts")]
    assert not read(opened(tmp_path, text))[1]


def test_a_time_that_no_calendar_has_is_bad_though_the_log_will_be_moved(tmp_path: Path) -> None:
    """Milliseconds in a log of seconds are of the year 57971: behind all others, where no row of the log is."""
    text = "user,item,ts\nu,i,1767225600\nu,j,1767225601000\nu,k,1767225602\n"
    found, bad = read(opened(tmp_path, text))

    assert [r.item for r in found] == ["i", "k"]
    assert bad == [("3", "timestamp-in-future", "ts")]


def _cut(packed: bytes) -> bytes:
    return packed[: len(packed) // 2]


@pytest.mark.parametrize("harm", [_cut, spoilt])
@pytest.mark.parametrize("first", ["user_id,item_id,ts,note\n", '{"user_id":"u"}\n'])
def test_gzip_that_breaks_among_the_first_rows_is_said(
    tmp_path: Path, first: str, harm: Callable[[bytes], bytes]
) -> None:
    noise = Random(7).randbytes(200_000).hex()  # long rows: more than the first look at the file, fewer than the sample
    rows = [f"u{n},i,1483273827000,{noise[n * 4000 : n * 4000 + 4000]}\n" for n in range(100)]
    path = tmp_path / "log.gz"
    path.write_bytes(harm(gzip.compress((first + "".join(rows)).encode())))

    with pytest.raises(UnreadableLog, match=r"log\.gz"):
        read(open_log(path, SETTINGS))
    with pytest.raises(UnreadableLog, match=r"log\.gz"):
        list(open_item_file(path, SETTINGS, {"item_id": ["user_id"]}).entries(lambda *_: None))


def test_json_lines_that_begin_with_a_byte_order_mark_keep_their_first(tmp_path: Path) -> None:
    line = '{"user_id":"u","item_id":"i","ts":1483273827000}\n'
    found, bad = read(opened(tmp_path, "\ufeff" + 2 * line))

    assert [r.where for r in found] == ["1", "2"]
    assert not bad


def test_a_line_that_is_nested_too_deeply_spoils_itself_alone(tmp_path: Path) -> None:
    line = '{"user_id":"u","item_id":"i","ts":1483273827000}\n'
    found, bad = read(opened(tmp_path, line + "[" * 100_000 + "\n" + line))

    assert [r.where for r in found] == ["1", "3"]
    assert bad == [("2", "malformed-json", "")]


ROW = "1483273827000,u,{},view,1\n"


@pytest.mark.parametrize("rows", [2, 3000], ids=["short", "beyond what a field may hold"])
def test_rows_behind_a_quote_that_is_never_closed_are_no_part_of_an_event(tmp_path: Path, rows: int) -> None:
    text = HEADER.replace("price", "note") + ROW.format("i") + '1483273827000,u,j,view,"5 inch\n'
    told: list[str] = []
    log = opened(tmp_path, text + rows * ROW.format("k"))
    found = list(records(log, Rejects(lambda _file, where, why: told.append(f"{where}: {why.detail}"))))

    assert [r.item for r in found if r.item != "k"] == ["i"]
    assert all(r.context is None or "\n" not in str(r.context) for r in found)
    assert "line 3" in told[0]


def test_a_quoted_cell_may_hold_lines_also_at_the_very_end(tmp_path: Path) -> None:
    text = HEADER.replace("price", "note") + '1483273827000,u,i,view,"a\nb"'
    (record,), bad = read(opened(tmp_path, text))

    assert (record.context, bad) == ({"note": "a\nb"}, [])


def test_digits_that_are_a_name_stay_as_they_are(tmp_path: Path) -> None:
    text = "user,item,ts,postcode,ref,shelf,n\nu,i,1483273827000,00123,{0},1,-0.5\nu,i,1483273827000,123,{0},01,1e-05\n"
    found, bad = read(opened(tmp_path, text.format("9" * 20)))

    assert not bad
    assert found[0].context == {"postcode": "00123", "ref": "9" * 20, "shelf": "1", "n": -0.5}
    assert found[1].context == {"postcode": "123", "ref": "9" * 20, "shelf": "01", "n": 1e-05}


def test_columns_of_one_name_and_of_none(tmp_path: Path) -> None:
    """The later one had taken the place of the first; the one without a name is the index of a table."""
    text = ",user,item,ts,device,device\n0,u,i,1483273827000,tv,phone\n"
    found, bad = read(opened(tmp_path, text))

    assert not bad
    assert found[0].context == {"device": "tv", "device.2": "phone"}


def test_a_field_that_json_lines_bring_late_is_one_all_the_same(tmp_path: Path) -> None:
    view = '{"user_id":"u","item_id":"i","ts":1483273827000,"type":"view"}\n'
    bought = '{"user_id":"u","item_id":"i","ts":1483273827000,"type":"purchase","price":9.5,"coupon":"SPRING"}\n'
    found, bad = read(opened(tmp_path, 2 * SAMPLE_ROWS * view + bought))

    assert not bad
    assert (found[-1].value, found[-1].context) == (9.5, {"coupon": "SPRING"})


def test_numbers_with_a_decimal_comma_are_read_where_all_of_the_column_may_be_some(tmp_path: Path) -> None:
    def rows(*prices: str) -> str:
        return "user;item;ts;price\n" + "".join(f"u;i;31.12.2025 14:03;{price}\n" for price in prices)

    found, bad = read(opened(tmp_path, rows("39,11", "1.234,5", "7", "", "-3,0")))
    assert ([r.value for r in found], bad) == ([39.11, 1234.5, 7.0, None, -3.0], [])
    assert read(opened(tmp_path, rows("1,234")))[1] == [("2", "wrong-type", "value")]  # perhaps thousands
    assert len(read(opened(tmp_path, rows("39,11", "12.50")))[1]) == 1  # two notations: nothing is guessed


def test_a_negative_quantity_with_a_decimal_comma_is_a_return(tmp_path: Path) -> None:
    text = "user;item;ts;quantity\nu;a;1483273827000;1,5\nu;a;1483273828000;-1,5\n"
    assert [r.type for r in read(opened(tmp_path, text))[0]] == ["purchase", "return"]


def test_a_row_without_a_user_is_of_its_session(tmp_path: Path) -> None:
    text = "user,session,item,ts\n,s-7,i,1483273827000\nu,s-7,i,1483273827000\n,,i,1483273827000\n"
    found, bad = read(opened(tmp_path, text))
    sent = [decode_event(encode(record), 10_000) for record in found]

    assert ([r.user for r in found], bad) == (["session:s-7", "u"], [("4", "missing-user", "user_id")])
    assert [(event.user_id, event.session_id) for event in sent] == [(None, "s-7"), ("u", "s-7")]


def test_a_list_that_is_named_holds_the_items_of_a_row(tmp_path: Path) -> None:
    text = (
        '{"event_name":"purchase","event_timestamp":1759307002636117,"user_id":null,"user_pseudo_id":"1.2",'
        '"items":[{"item_id":"a","price":3},{"item_id":"b","price":4}]}\n'
        '{"event_name":"view_item","event_timestamp":1759307002636117,"user_id":"u","items":[]}\n'
    )
    wanted = Wanted({"session": "user_pseudo_id"}, list="items")
    found, bad = read(opened(tmp_path, text, wanted))

    assert [(r.user, r.item, r.type, r.value, r.ts, r.where) for r in found] == [
        ("session:1.2", "a", "purchase", 3.0, 1759307002636, "1.1"),
        ("session:1.2", "b", "purchase", 4.0, 1759307002636, "1.2"),
    ]
    assert bad == [("2", "missing-field", "item_id")]
