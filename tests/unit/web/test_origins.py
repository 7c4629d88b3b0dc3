"""Programs name no origin; a page of another one may change nothing, unless it is allowed."""

import pytest

from services.web.origins import ForeignPage, check_origin

OURS, OTHER = "https://shop.example", "https://other.example"


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, []),
        ({"origin": OTHER}, ["*"]),
        ({"origin": OTHER}, [OURS, OTHER]),
        ({"origin": "http://reader:8080", "host": "reader:8080"}, []),
        ({"origin": OURS, "host": "reader:8080", "sec-fetch-site": "same-origin"}, []),
    ],
)
def test_who_may(headers: dict[str, str], allowed: list[str]) -> None:
    check_origin(headers, allowed)


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"origin": OTHER}, []),
        ({"origin": OTHER, "host": "reader:8080"}, [OURS]),
        ({"origin": OTHER, "host": "reader:8080", "sec-fetch-site": "same-site"}, []),
        ({"origin": "http://reader:9000", "host": "reader:8080"}, []),
        ({"origin": "null", "host": "reader:8080"}, []),
        ({"origin": "null", "host": ""}, [OURS]),
    ],
)
def test_who_may_not(headers: dict[str, str], allowed: list[str]) -> None:
    with pytest.raises(ForeignPage, match=headers["origin"]):
        check_origin(headers, allowed)
