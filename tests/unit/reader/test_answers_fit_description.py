"""Every kind of answer is one that the OpenAPI description allows."""

import pytest
from jsonschema import Draft202012Validator

from services.reader.answering.answer import Answer, Shown
from tests.unit.reader.conftest import Reader


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/v1/users/ann/recommendations", "/v1/users/{user}/recommendations"),
        ("/v1/users/nobody/recommendations", "/v1/users/{user}/recommendations"),
        ("/v1/users/ann/recommendations?n=0", "/v1/users/{user}/recommendations"),
        ("/v1/items/x/similar", "/v1/items/{item}/similar"),
        ("/v1/trending", "/v1/trending"),
        ("/v1/popular?category=none", "/v1/popular"),
        ("/v1/items?id=a", "/v1/items"),
        ("/v1/items", "/v1/items"),
        ("/v1/status", "/v1/status"),
        ("/healthz", "/healthz"),
        ("/readyz", "/readyz"),
    ],
)
def test_an_answer_fits(reader: Reader, path: str, template: str) -> None:
    reader.views.values["item:a"] = b'{"v":1,"at":"x","item_id":"a","title":"A","price":2.5}'
    description = reader.get("/openapi.json")
    response = reader.client.get(path)
    told = description["paths"][template]["get"]["responses"][str(response.status_code)]
    if "$ref" in told:
        told = description["components"]["responses"][told["$ref"].rsplit("/", 1)[1]]
    schema = told["content"][response.headers["content-type"]]["schema"]
    Draft202012Validator(schema | {"components": description["components"]}).validate(response.json())


def test_what_is_answered_and_taken_is_described(reader: Reader) -> None:
    description = reader.get("/openapi.json")
    schemas, history = description["components"]["schemas"], description["paths"]["/v1/users/{user}/history"]["get"]
    assert set(schemas["Item"]["properties"]) == set(Shown.__struct_fields__)
    assert set(schemas["Answer"]["properties"]) == set(Answer.__struct_fields__)
    names = {"#/components/parameters/session", "#/components/parameters/fields"}
    assert {parameter["$ref"] for parameter in history["parameters"]} == names
