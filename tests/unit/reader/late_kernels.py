"""Prints, as JSON, the kernels that a reader's requests compiled although `compile_reading` had been called before."""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any, cast

from services.reader.answering.reranking import Reranker
from shared.contracts.sections import RerankSettings
from shared.core.answers.reading_warming import compile_reading
from tests.unit.reader.conftest import SETTINGS, serving
from tests.unit.reader.fakes import NOW, FakeViews
from tests.unit.reader.lamp_shop import OLD, Items
from tests.unit.streams.late_kernels import signatures

RULES = """
[[exclude]]
where = { brand = "leaf" }
when = { surface = "ruled" }
[[include]]
where = { category = "tea" }
when = { surface = "ruled" }
[[boost]]
where = { brand = "pot" }
factor = 2
[[pin]]
item = "t3"
position = 2
[[cap]]
by = "brand"
most = 1
[[share]]
by = "seller"
value = "pot"
least = 0.5
"""
REQUESTS = (
    "/v1/trending",
    "/v1/users/ann/recommendations",
    "/v1/users/ann/recommendations?n=2&surface=ruled&exclude=a&diversity=0.5",
    "/v1/users/ann/recommendations?category=tea&fields=title",
    "/v1/users/old/recommendations?n=3&why=1",
    "/v1/users/nobody/recommendations",
    "/v1/items/x/similar",
)


def run() -> None:
    views = FakeViews()
    views.put("trending:all", ["t1", "t2", "t3"], source="trending")
    views.put("popular:all", ["p1", "p2"], source="popular")
    views.put("new:all", ["n1", "n2"], source="new")
    views.put("rec:ann", ["a", "b", "c"], recent=["t1"], seen=["t2"])
    views.put("rec:old", ["a", "b", "c"], ts=OLD, recent=["lamp", "t1"], seen=["t2"])
    views.put("sim:x", ["a", "x2"], source="similar")
    for n, item in enumerate(("a", "b", "c", "t1", "t2", "t3", "p1", "x2")):
        brand = ("leaf", "pot")[n % 2]
        views.put_item(item, brand=brand, seller=brand, categories=[("tea", "cups")[n % 3 == 0]], title=item)
    compile_reading()
    ranks = Reranker(SETTINGS, cast("Any", Items()), lambda: NOW)
    ranks.warm_up().result()
    before = signatures()
    with tempfile.TemporaryDirectory() as folder:
        plain = SETTINGS.model_copy(update={"rerank": RerankSettings(rules=str(Path(folder, "none.toml")))})
        rules = Path(folder, "rules.toml")
        rules.write_text(RULES)
        ruled = SETTINGS.model_copy(
            update={"rerank": RerankSettings(rules=str(rules), exploration=0.5, popularity_bias=0.5)}
        )
        answered = []
        for settings, reranker in ((plain, ranks), (ruled, None)):
            with serving(views, reranker=reranker, settings=settings) as client:
                answered += [client.get(path).json()["items"] for path in REQUESTS]
                followed = client.get("/v1/status").json()["rules"]
    after = signatures()
    late = [name for name in after if after[name] != before[name]]
    sys.stdout.write(json.dumps({"answered": answered, "late": late, "rules": followed}))


if __name__ == "__main__":
    run()
