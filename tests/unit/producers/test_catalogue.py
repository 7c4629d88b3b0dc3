import json
from pathlib import Path

import pytest

from services.producers.catalogue import item_records, open_items
from services.producers.files import UnreadableLog
from services.producers.item_cells import split_categories
from services.producers.rejects import Rejects
from shared.contracts.catalogue import ItemRecord
from tests.unit.producers.logs import SETTINGS, opened, read, write


def items(folder: Path, text: str) -> list[ItemRecord]:
    table, layout = open_items(write(folder, text, "items"))
    return list(item_records(table, layout, SETTINGS, Rejects()))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("Crime|Drama", ["Crime", "Drama"]),
        ("a.b.c", ["a", "a.b", "a.b.c"]),
        ("Home > Kitchen", ["Home", "Home > Kitchen"]),
        ("ICE - CRUSHED/CUBED", ["ICE - CRUSHED/CUBED"]),
        ("1464116", ["1464116"]),
        ("3.5", ["3.5"]),
        (["x", "y|z"], ["x", "y", "z"]),
        ("", []),
        (None, []),
    ],
)
def test_categories_of_a_cell(cell: object, expected: list[str]) -> None:
    assert split_categories(cell) == expected


def test_a_film(tmp_path: Path) -> None:
    (film,) = items(tmp_path, "item_id,title,category\n2844,Fantômas  (1913) ,Crime|Drama\n")

    assert film == ItemRecord("2844", "Fantômas (1913)", categories=["Crime", "Drama"])


def test_levels_make_a_list_and_name_what_has_no_title(tmp_path: Path) -> None:
    text = (
        "item_id,manufacturer_id,department,brand,product_category,product_type,package_size\n"
        "25671.0,2,GROCERY,National,FRZN ICE,ICE - CUBED,22 LB\n"
        "26081.0,2,MISC,National,,,\n"
    )
    ice, other = items(tmp_path, text)

    assert (ice.item_id, ice.title, ice.categories) == ("25671", "ICE - CUBED", ["GROCERY", "FRZN ICE", "ICE - CUBED"])
    assert ice.attributes == {"manufacturer_id": 2, "package_size": "22 LB"}
    assert (other.title, other.brand) == ("MISC", "National")


@pytest.mark.parametrize(
    ("given", "known"), [('"a  b"', "a  b"), ("1.0", "1"), ("1e17", "1" + "0" * 17), ('" a "', "a")]
)
def test_an_item_is_called_what_its_events_call_it(tmp_path: Path, given: str, known: str) -> None:
    named = [item.item_id for item in items(tmp_path, f'{{"item_id":{given},"brand":"x"}}\n{{"item_id":"y"}}\n')]
    events = (
        f'{{"user":"u","item":{given},"brand":"x","ts":1483273827000}}\n{{"user":"u","item":"y","ts":1483273827000}}\n'
    )
    (event, _), bad = read(opened(tmp_path, events, derive_items=True))

    assert not bad
    assert named == [known, "y"]
    assert (event.item, json.loads(event.about or "")["item_id"]) == (known, known)


def test_what_lists_are_made_from_is_read_as_records_have_it(tmp_path: Path) -> None:
    text = 'item_id,title,vector,near,consumable,colour\nm,Milk,"[0.5, 1]",b|c,yes,white\nb,Bread,,,no,\n'
    milk, bread = items(tmp_path, text)

    assert (milk.embedding, milk.near, milk.repeatable) == ([0.5, 1.0], ["b", "c"], True)
    assert milk.attributes == {"colour": "white"}
    assert bread == ItemRecord("b", "Bread")


def test_an_item_without_an_id_is_rejected_and_the_next_is_read(tmp_path: Path) -> None:
    table, layout = open_items(write(tmp_path, "id,name\n,lamp\n2,desk\n"))
    rejects = Rejects()

    assert [r.title for r in item_records(table, layout, SETTINGS, rejects)] == ["desk"]
    assert rejects.reasons == {"missing-field": 1}


def test_a_file_without_items_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnreadableLog, match="no column is the item's id"):
        open_items(write(tmp_path, "a,b\n1,2\n"))


def test_rows_of_events_describe_their_item_once(tmp_path: Path) -> None:
    text = (
        "ts,user_id,item_id,category_id,category,brand,price\n"
        "1569888000000,u,1,77,computers.notebook,lenovo,251.74\n"
        "1569888000000,u,1,77,computers.notebook,lenovo,251.74\n"
        "1569888000000,u,2,78,,,9\n"
    )
    found, _ = read(opened(tmp_path, text, derive_items=True))
    about = [json.loads(r.about) if r.about else None for r in found]

    assert about == [
        {
            "item_id": "1",
            "title": "lenovo notebook",
            "categories": ["computers", "computers.notebook"],
            "brand": "lenovo",
            "price": 251.74,
        },
        None,
        {"item_id": "2", "categories": ["78"], "price": 9.0},
    ]
    assert all(r.about is None for r in read(opened(tmp_path, text))[0])


def test_digits_that_are_a_name_stay_as_they_are(tmp_path: Path) -> None:
    (milk,) = items(tmp_path, "item_id,ean,units\nm,0012345678905,12\n")

    assert milk.attributes == {"ean": "0012345678905", "units": 12}


def test_columns_that_are_named_stand_before_those_that_are_found(tmp_path: Path) -> None:
    text = "id;Nr;Name;Gruppe;Preis;Vektor\nx;7;Lampe;Licht;39,11;1 2\n"
    said = {"item_id": ["Nr"], "title": ["Name"], "categories": ["Gruppe"], "price": ["Preis"], "embedding": ["Vektor"]}
    table, layout = open_items(write(tmp_path, text), given=said)
    (lamp,) = item_records(table, layout, SETTINGS, Rejects())

    assert (lamp.item_id, lamp.title, lamp.categories, lamp.price) == ("7", "Lampe", ["Licht"], 39.11)
    assert (lamp.embedding, lamp.attributes) == ([1.0, 2.0], {"id": "x"})
    with pytest.raises(UnreadableLog, match="no column 'Nummer'; there are: id, Nr"):
        open_items(write(tmp_path, text), given={"item_id": ["Nummer"]})
