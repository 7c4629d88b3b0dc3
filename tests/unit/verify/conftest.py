"""One shop for all tests that only look at it."""

import pytest

from tests.unit.verify.shops import shop_of
from tests.unit.verify.worker import Worker


@pytest.fixture(scope="session")
def grown() -> Worker:
    return shop_of(7, 40)


@pytest.fixture(scope="session")
def young() -> Worker:
    """A little one."""
    return shop_of(5, 3)
