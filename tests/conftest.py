"""One embedded stack for all tests that need it; each test gets a tenant of its own on it."""

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from services.stack.embedded import EmbeddedStack, default_home, default_jars
from shared.contracts.settings import NOT_SETTINGS, Settings, load_settings

for _name in [name for name in os.environ if name.startswith("HEADRACE_") and name not in NOT_SETTINGS]:
    del os.environ[_name]  # whoever tries Headrace has settings of their own, which are none of a test's
os.environ["HEADRACE_CONFIG"] = str(Path(__file__).with_name("headrace.toml"))  # nor is one of the working folder

# a loaded machine is no failure, and two runs of one tree find the same
hypothesis_settings.register_profile(
    "headrace", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], database=None
)
hypothesis_settings.load_profile("headrace")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Who needs the shared stack comes last: those that start one of their own have the machine to themselves."""
    items.sort(key=lambda item: "stack" in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStack]:
    """A real Kafka and Redis, with the jars that `headrace up` has fetched.

    TEST_STACK names the home of a stack that runs already: it is used and left running, which saves the start.
    """
    home = Path(os.environ.get("TEST_STACK") or tmp_path_factory.mktemp("stack"))
    with EmbeddedStack(home, jars=default_jars(default_home())) as running:
        yield running


@pytest.fixture
def settings(stack: EmbeddedStack) -> Settings:
    """Settings of a tenant that no other test knows: its topics, groups and keys are empty."""
    kafka, redis = {"bootstrap_servers": stack.kafka}, {"url": stack.redis}
    return load_settings(tenant=f"t-{uuid4().hex[:8]}", kafka=kafka, redis=redis)
