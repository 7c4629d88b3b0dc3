"""Whatever lists there are and whatever is asked: nothing excluded is shown, and nothing twice."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.sections import RerankSettings
from tests.unit.reader.conftest import SETTINGS, Client, serving
from tests.unit.reader.fakes import FakeImpressions, FakeViews

ITEMS = [f"i{n}" for n in range(16)]
LISTS = st.lists(st.sampled_from(ITEMS), max_size=12, unique=True)
SETS = st.sets(st.sampled_from(ITEMS), max_size=5)
BRANDS = "ab"
MOST = 3  # of a brand in an answer
KINDS = ["for_you", "because_you_viewed", "trending", "popular", "new_for_you", "buy_again"]


def shop(lists: dict[str, list[str]], gone: set[str]) -> FakeViews:
    views = FakeViews()
    for key, items in lists.items():
        views.put(key, items, source=key.split(":", maxsplit=1)[0].replace("rec", "personal"))
    views.put("rec:ann", lists["rec:ann"], recent=["x"], seen=["x"], visits=1, again=[(i, 2, 1) for i in ITEMS[:3]])
    for n, item in enumerate(ITEMS):
        views.put_item(item, brand=BRANDS[n % 2], available=item not in gone, parent_id="p" if n > 13 else None)
    return views


def pages(client: Client, exclude: set[str], n: int) -> list[str]:
    """All that comes, page after page."""
    wish = "".join(f"&exclude={item}" for item in sorted(exclude))
    shown: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        body = client.get(f"/v1/users/ann/recommendations?n={n}&cursor={cursor}{wish}").json()
        assert not client.raised
        brands = [BRANDS[ITEMS.index(item) % 2] for item in body["items"]]
        assert max(map(brands.count, BRANDS)) <= MOST
        shown += body["items"]
        cursor = body.get("next")
    return shown


@settings(max_examples=60)
@given(
    st.fixed_dictionaries(dict.fromkeys(["rec:ann", "trending:all", "popular:all", "new:all", "sim:x"], LISTS)),
    SETS, SETS, st.sampled_from([None, *BRANDS]), st.integers(1, 5), st.floats(0, 0.5), st.floats(0, 1),
)  # fmt: skip
def test_nothing_that_is_excluded_and_nothing_twice(
    lists: dict[str, list[str]],
    gone: set[str],
    exclude: set[str],
    brand: str | None,
    n: int,
    explores: float,
    mmr: float,
) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "rules.toml"
        file.write_text(f'[[exclude]]\nwhere = {{ brand = "{brand}" }}\n[[cap]]\nby = "brand"\nmost = {MOST}')
        rules = RerankSettings(diversity=mmr, exploration=explores, rules=str(file))
        asked = SETTINGS.model_copy(update={"rerank": rules})
        with serving(shop(lists, gone), FakeImpressions(), settings=asked) as client:
            shown = pages(client, exclude, n)
            body: dict[str, Any] = {
                "user": "ann",
                "exclude": sorted(exclude),
                "rows": [{"row": k, "n": n} for k in KINDS],
            }
            rows = [item for row in client.post("/v1/page", body).json()["rows"] for item in row["items"]]
    barred = gone | exclude | {item for place, item in enumerate(ITEMS) if BRANDS[place % 2] == brand}
    for found in (shown, rows):
        assert barred.isdisjoint(found)
        assert len(found) == len(set(found))
        assert "x" not in found
