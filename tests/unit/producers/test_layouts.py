"""Each published layout by a few lines of it: what its first event becomes."""

import bz2
import lzma
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from services.producers.files import SAMPLE_ROWS, UnreadableLog
from services.producers.layouts import Wanted
from services.producers.reading import open_log
from tests.unit.producers.logs import SETTINGS, opened, read

LAYOUTS = {
    "headrace": (
        "ts,user_id,item_id,event_type,basket_id,quantity,sales_value\n1483273827000,906,1075313,purchase,311,1.0,1.5\n",
        (1483273827000, "purchase", "906", "1075313", 1.5, "311"),
    ),
    "online retail": (
        (
            "ts,user_id,item_id,event_type,invoice,qty,price,country\n"
            "1291191960000,17850,85123A,return,536365,-6,2.55,United Kingdom\n"
        ),
        (1291191960000, "return", "17850", "85123A", 2.55, "536365"),
    ),
    "UCI": (
        (
            "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
            "536365,85123A,HOLDER,6,12/1/2010 8:26,2.55,17850.0,United Kingdom\n"
        ),
        (1291191960000, "purchase", "17850", "85123A", 2.55, "536365"),
    ),
    "ratings": (
        "ts,user_id,item_id,event_type,rating\n1362062307000,12620,2171847,rating,6\n",
        (1362062307000, "rating", "12620", "2171847", 6.0, None),
    ),
    "MovieLens": (
        "userId,movieId,rating,timestamp\n1,31,2.5,1260759144\n",
        (1260759144000, "rating", "1", "31", 2.5, None),
    ),
    "MovieLens 1M": ("1::1193::5::978300760\n2::661::3::978302109\n", (978300760000, "rating", "1", "1193", 5.0, None)),
    "MovieLens 100k": (
        "196\t242\t3\t981250949\n186\t302\t2\t991717742\n",
        (981250949000, "rating", "196", "242", 3.0, None),
    ),
    "REES46": (
        (
            "event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session\n"
            "2019-10-01 00:00:00 UTC,view,44600062,2103807459595387724,,shiseido,35.79,541312140,72d76fde\n"
        ),
        (1569888000000, "view", "541312140", "44600062", 35.79, None),
    ),
    "RetailRocket": (
        "timestamp,visitorid,event,itemid,transactionid\n1433221332117,257597,addtocart,355908,\n",
        (1433221332117, "cart", "257597", "355908", None, None),
    ),
    "RetailRocket buys": (
        "timestamp,visitorid,event,itemid,transactionid\n1433221332117,257597,transaction,355908,4000\n",
        (1433221332117, "purchase", "257597", "355908", None, "4000"),
    ),
    "Yoochoose": (
        "SessionId\tItemId\tTime\n1\t214536502\t1396860669.277\n",
        (1396860669277, "view", "1", "214536502", None, None),
    ),
    "Yoochoose as published": (
        "1,2014-04-07T10:51:09.277Z,214536502,0\n2,2014-04-07T13:56:37.614Z,214662742,S\n",
        (1396867869277, "view", "1", "214536502", None, None),
    ),
    "Otto": (
        '{"session":7,"events":[{"aid":15,"ts":1659304800025,"type":"orders"}]}\n',
        (1659304800025, "purchase", "7", "15", None, None),
    ),
    "Taobao": (
        "1,2268318,2520377,pv,1511544070\n1,2333346,2520771,buy,1511561733\n",
        (1511544070000, "view", "1", "2268318", None, None),
    ),
    "Tianchi": (
        "user_id,item_id,behavior_type,user_geohash,item_category,time\n98047837,232431562,3,,4245,2014-12-06 02\n",
        (1417831200000, "cart", "98047837", "232431562", None, None),
    ),
    "Amazon JSON": (
        '{"reviewerID":"A2SU","asin":"0000013714","overall":5.0,"unixReviewTime":1252800000,"reviewTime":"09 13"}\n',
        (1252800000000, "rating", "A2SU", "0000013714", 5.0, None),
    ),
    "Amazon ratings": (
        "0001713353,A1C6M8LCIX4M6M,5.0,1123804800\n0001713353,A1REUF3A1YCPHM,4.0,1112140800\n",
        (1123804800000, "rating", "A1C6M8LCIX4M6M", "0001713353", 5.0, None),
    ),
    "Amazon 2023": (
        '{"rating":5.0,"title":"ok","asin":"B1","parent_asin":"B0","user_id":"AE2","timestamp":1588687728923}\n',
        (1588687728923, "rating", "AE2", "B0", 5.0, None),
    ),
    "H&M": (
        "t_dat,customer_id,article_id,price,sales_channel_id\n2018-09-20,000058a1,0663713001,0.0508,2\n",
        (1537401600000, "purchase", "000058a1", "0663713001", 0.0508, None),
    ),
    "Globo": (
        (
            "user_id,session_id,session_start,session_size,click_article_id,click_timestamp,click_country\n"
            "0,150,1506825423000,2,157541,1506826828020,1\n"
        ),
        (1506826828020, "view", "0", "157541", None, None),
    ),
    "semicolons and generic names": (
        "uid;product;time;action\nann;lamp;2024-03-01T10:00:00+01:00;Add To Cart\n",
        (1709283600000, "cart", "ann", "lamp", None, None),
    ),
    "nested": (
        '{"user":{"id":"ann"},"item":{"id":"lamp"},"time":1709283600123456,"event":"fav"}\n',
        (1709283600123, "favorite", "ann", "lamp", None, None),
    ),
}


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_a_published_layout_is_understood_without_being_told(tmp_path: Path, name: str, packed: bool) -> None:
    text, expected = LAYOUTS[name]

    found, bad = read(opened(tmp_path, text, name="log.gz" if packed else "log"))

    assert not bad
    assert (found[0].ts, found[0].type, found[0].user, found[0].item, found[0].value, found[0].basket) == expected


def test_a_session_beside_a_user_stays_a_session_and_other_columns_become_context(tmp_path: Path) -> None:
    found, _ = read(opened(tmp_path, "ts,user_id,item_id,session,country,qty\n1483273827000,u,i,s,DE,3\n"))

    assert (found[0].user, found[0].session, found[0].context) == ("u", "s", {"country": "DE", "qty": 3})


def test_a_column_called_type_that_holds_no_event_types_is_context(tmp_path: Path) -> None:
    found, bad = read(opened(tmp_path, "ts,user_id,item_id,type\n1483273827000,u,i,hardcover\n"))

    assert not bad
    assert (found[0].type, found[0].context) == ("view", {"type": "hardcover"})


def test_a_purchase_of_less_than_nothing_is_a_return(tmp_path: Path) -> None:
    found, _ = read(opened(tmp_path, "ts,user_id,item_id,quantity\n1483273827000,u,i,-1\n1483273827000,u,i,2\n"))

    assert [r.type for r in found] == ["return", "purchase"]


def test_the_user_has_the_last_word(tmp_path: Path) -> None:
    wanted = Wanted({"user": "owner", "item": "Thing", "ts": "at", "value": "worth"}, type="like", time="s")
    found, _ = read(opened(tmp_path, "owner,thing,at,worth,type\no,t,1500000000,7,view\n", wanted))

    assert (found[0].ts, found[0].type, found[0].user, found[0].item, found[0].value) == (
        1500000000000,
        "like",
        "o",
        "t",
        7.0,
    )


def test_columns_without_a_header_are_named_by_number(tmp_path: Path) -> None:
    wanted = Wanted({"user": "3", "item": "2", "ts": "1"})
    found, _ = read(opened(tmp_path, "1500000000,lamp,ann\n1500000001,desk,bob\n", wanted))

    assert [(r.user, r.item) for r in found] == [("ann", "lamp"), ("bob", "desk")]


def test_a_word_of_the_log_can_be_given_a_meaning(tmp_path: Path) -> None:
    text = "ts,user_id,item_id,event_type\n1483273827000,u,i,gaze\n1483273827000,u,i,view\n"

    _, bad = read(opened(tmp_path, text))
    found, good = read(opened(tmp_path, text, Wanted(types={"gaze": "view"})))

    assert bad == [("2", "unknown-type", "type")]
    assert not good
    assert [r.type for r in found] == ["view", "view"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\nx,y\n", "--user-column"),
        ("user,b\nx,y\n", "--item-column"),
        ("user,item\nx,y\n", "--ts-column"),
        ("", "is empty"),
        ("[1]", "JSON Lines"),
        ("\ufeff".encode("utf-16"), "UTF-8"),
    ],
)
def test_what_cannot_be_understood_is_said(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(UnreadableLog, match=said):
        opened(tmp_path, text)


def test_a_column_that_is_not_there_is_said_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(UnreadableLog, match="no column 'usr'; there are: user, item, ts"):
        opened(tmp_path, "user,item,ts\nu,i,1500000000\n", Wanted({"user": "usr"}))


@pytest.mark.parametrize(
    ("telling", "name", "first"),
    [("13/12/2023", "day/month/year", "2023-12-01"), ("12/13/2023", "month/day/year", "2023-01-12")],
)
def test_days_are_told_from_months_by_the_whole_log(tmp_path: Path, telling: str, name: str, first: str) -> None:
    rows = 2 * SAMPLE_ROWS * ["u,i,01/12/2023"]
    log = opened(tmp_path, "\n".join(["user,item,date", *rows, f"u,i,{telling}"]))
    found, bad = read(log)

    assert log.layout.time.name == name
    assert not bad
    assert found[0].ts == datetime.fromisoformat(f"{first}T00:00:00Z").timestamp() * 1000


def test_which_of_days_and_months_come_first_may_be_said(tmp_path: Path) -> None:
    text = "user,item,date\nu,i,01/12/2023\n"
    times = [opened(tmp_path, text, Wanted(time=order)).layout.time.parse("01/12/2023") for order in ("dmy", "mdy")]

    assert times == [1_701_388_800_000, 1_673_481_600_000]


def test_the_zone_of_times_may_be_said_where_they_are_in_one(tmp_path: Path) -> None:
    wanted = Wanted(zone=ZoneInfo("Asia/Tokyo"))
    (record,), _ = read(opened(tmp_path, "user,item,ts\nu,i,2023-12-01 09:00:00\n", wanted))
    assert record.ts == 1_701_388_800_000
    with pytest.raises(UnreadableLog, match="--timezone: times are seconds since 1970, which is the same everywhere"):
        opened(tmp_path, "user,item,ts\nu,i,1701388800\n", wanted)


@pytest.mark.parametrize("day", ["2024-01-05", "20240105", "1704412800", "01/05/2024"])
def test_a_column_called_day_may_hold_dates(tmp_path: Path, day: str) -> None:
    (record,), bad = read(opened(tmp_path, f"user,item,day\nu,i,{day}\n"))

    assert (record.ts, bad) == (1_704_412_800_000, [])


def test_a_column_called_day_of_parquet_may_hold_dates(tmp_path: Path) -> None:
    days = pa.array([19_727], pa.date32())
    pq.write_table(pa.table({"user": ["u"], "item": ["i"], "day": days}), tmp_path / "log.parquet")
    (record,), bad = read(open_log(tmp_path / "log.parquet", SETTINGS))

    assert (record.ts, bad) == (1_704_412_800_000, [])


@pytest.mark.parametrize("mark", [";", "|", "\t"])
def test_the_delimiter_is_found_though_cells_hold_lines_and_other_marks(tmp_path: Path, mark: str) -> None:
    rows = [
        ["user", "item", "ts", "note"],
        ["u", "i", "1483273827000", '"a\nb, c, d, e, f\n\ng"'],
        ["v", "j", "1483273827000", "x"],
    ]
    log = opened(tmp_path, "\n".join(map(mark.join, rows)) + "\n\n\n")

    assert log.table.columns == ("user", "item", "ts", "note")
    assert [r.user for r in read(log)[0]] == ["u", "v"]


@pytest.mark.parametrize("pack", [bz2.compress, lzma.compress, lambda raw: b"PK\3\4" + raw, lambda raw: b"\0" + raw])
def test_what_is_packed_otherwise_or_is_no_text_is_said(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    with pytest.raises(UnreadableLog, match="is no text"):
        opened(tmp_path, pack(b"user,item,ts\nu,i,1483273827000\n"))


@pytest.mark.parametrize("sign", ["\u2028", "\x85", "\x0c"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_sign_that_some_take_for_the_end_of_a_line_is_none(tmp_path: Path, sign: str, end: str) -> None:
    """In the first rows it hid by what columns are parted."""
    lines = ["user;item;ts;title", f"u;i;1483273827000;warm{sign}lamp", "u;j;1483273827001;desk"]
    found, bad = read(opened(tmp_path, end.join(lines) + end))

    assert not bad
    assert [(r.user, r.item) for r in found] == [("u", "i"), ("u", "j")]
