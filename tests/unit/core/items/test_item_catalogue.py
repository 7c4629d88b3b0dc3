"""What pages show of items: all fields, each entry within its bound."""

import msgspec

from shared.contracts.catalogue import LARGEST_SHOWN, LONGEST_DESCRIPTION, ItemRecord, Market, decode_item
from shared.contracts.sections import EventSettings, IdentitySettings
from shared.contracts.topics import LARGEST_RAW
from shared.contracts.views import ItemView, at, encode_view
from shared.core.items.item_catalogue import LARGEST_ENTRY, ItemCatalogue, shown
from shared.core.tables.segments import unpack

WHOLE = ItemRecord(
    "tea-green",
    title="Green tea",
    description="Sencha, first flush",
    categories=["tea", "drinks"],
    brand="Leaf & Co",
    price=12.5,
    tags=["organic"],
    image="https://shop.example/tea-green.jpg",
    seller="leaf",
    markets={"SE": Market(price=129.0), "DK": Market(available=False)},
    embedding=[0.6, 0.8],
    parent_id="tea",
    published_at=1,
    expires_at=2,
    available=False,
    repeatable=True,
    attributes={"grams": 100},
    near=["tea-black"],
)


def test_all_that_is_said_is_shown_but_the_embedding_and_what_is_near() -> None:
    view = msgspec.to_builtins(shown(WHOLE, at(1, 7)))
    said = {name: value for name, value in msgspec.to_builtins(WHOLE).items() if name not in {"embedding", "near", "v"}}
    assert view == said | {"v": 1, "at": at(1, 7)}
    assert set(view) == set(ItemView.__struct_fields__)


def test_a_long_description_is_cut() -> None:
    view = shown(ItemRecord("i", description="ab" * LONGEST_DESCRIPTION), at(1, 1))
    assert view.description == "ab" * (LONGEST_DESCRIPTION // 2)


def test_a_segment_of_the_largest_entries_stays_below_a_records_bound() -> None:
    fields = {
        "item_id": "i",
        "title": "\x01" * 4096,
        "brand": "\x01" * 4096,
        "description": "\x01" * 5000,
        "embedding": [0.123456789] * 1024,
    }
    record = decode_item(msgspec.json.encode(fields), EventSettings(), IdentitySettings())
    assert len(encode_view(shown(msgspec.structs.replace(record, description=""), at(1, 1)))) > LARGEST_SHOWN - 1000
    catalogue = ItemCatalogue(1000)
    for n in range(130):
        catalogue.put(shown(msgspec.structs.replace(record, item_id=f"i{n}"), at(1, 1)))
    entries = {name: raw for name, raw in catalogue.take().items() if name.startswith("catalogue/")}
    assert max(len(entry) for raw in entries.values() for entry in unpack(raw).values["entries"]) <= LARGEST_ENTRY
    assert max(map(len, entries.values())) < LARGEST_RAW
