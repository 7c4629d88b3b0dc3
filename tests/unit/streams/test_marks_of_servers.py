"""Of which server marks say that views stand, and for how long."""

import asyncio

import pytest

from tests.unit.streams.republishing import DAY_MS, published, standing

pytestmark = pytest.mark.usefixtures("quick")


def test_a_server_that_kept_its_marks_is_another_one_all_the_same() -> None:
    """It may have kept less than was written: a Redis with a file comes back as it was a moment before."""

    async def scene() -> None:
        stage = await published()
        stage.marks.now = "run-2"
        assert await stage.republished() == 0
        stage.marks.stand()
        assert await stage.republished() == 1
        assert stage.stands()

    asyncio.run(scene())


@pytest.mark.parametrize("looked", [True, False])
def test_a_server_that_is_there_again_lacks_what_another_one_was_given_meanwhile(*, looked: bool) -> None:
    """An address that moved to a replica and back, perhaps between two looks at which server is there; nobody else has
    looked yet at what the first one says.
    """

    async def scene() -> None:
        stage = await published()
        first = stage.marks.held
        if looked:
            stage.marks.held, stage.marks.now = {}, "run-2"
            assert await stage.republished() == 0
        stage.marks.held, stage.marks.now, stage.marks.met = first, "run-1", ["run-2", "run-1"]
        assert await stage.republished() == 0
        assert not stage.stands()
        stage.marks.stand()
        assert await stage.republished() == 1
        assert stage.stands()

    asyncio.run(scene())


def test_a_mark_lives_for_a_week_and_is_renewed_each_day() -> None:
    """Those of an earlier generation, which nobody holds any more, are gone some day."""

    async def scene() -> None:
        stage = await standing()
        stage.marks.lives.clear()
        assert await stage.republished() == 0
        assert stage.marks.lives == []
        stage.now += DAY_MS
        assert await stage.republished() == 0
        assert stage.marks.lives == [7 * DAY_MS // 1000]

    asyncio.run(scene())
