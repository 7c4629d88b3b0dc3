"""Requests made from the reader's own description, of all kinds: no answer breaks it, and none is an error of ours."""

import asyncio
from typing import Any

import pytest
import schemathesis
from hypothesis import given, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from services.reader.endpoints.app import build_app
from services.reader.endpoints.lists import Wiring
from services.reader.endpoints.openapi import description
from tests.unit.reader.conftest import SETTINGS
from tests.unit.reader.fakes import NOW, FakeImpressions, FakeViews
from tests.unit.reader.posts.conftest import FakeOutbox


@pytest.fixture
def api(views: FakeViews) -> Any:
    """The application behind its description; what is shared is read once."""

    def fail(error: BaseException) -> None:
        raise error

    views.put_item("a", title="A", categories=["tea"], price=1.0)
    app = build_app(Wiring(SETTINGS, views, FakeImpressions(), lambda: NOW, fail, None, FakeOutbox()))

    async def begin() -> None:
        async with app.lifespan():
            pass

    asyncio.run(begin())
    return schemathesis.openapi.from_asgi("/openapi.json", app.usual)


OPERATIONS = [
    (path, method.upper()) for path, operations in description(SETTINGS, []).get("paths", {}).items()
    for method in operations if method in {"get", "post"}
]  # fmt: skip


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_no_request_is_answered_otherwise_than_described(api: Any, path: str, method: str) -> None:
    @given(case=api[path][method].as_strategy())
    @settings(max_examples=25)
    def answered(case: "schemathesis.Case[Any]") -> None:
        response = case.call()
        assert response.status_code < 500, response.text
        case.validate_response(
            response, checks=[status_code_conformance, content_type_conformance, response_schema_conformance]
        )

    answered()
