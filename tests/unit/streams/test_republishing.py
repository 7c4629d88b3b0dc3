"""When views are published anew: after a loss, in order, and not while the generation is being rebuilt."""

import asyncio

import pytest

from shared.contracts.topics import ITEM_DELTAS
from shared.contracts.views import HOLD, PUBLISH, standing_in
from tests.unit.streams.republishing import KEYS, Lists, Stage, holding, published, standing
from tests.unit.streams.stage import FRAMES

pytestmark = pytest.mark.usefixtures("quick")


def test_lists_wait_for_the_rows_that_they_are_made_from() -> None:
    async def scene() -> None:
        stage = Stage()
        await stage.host.assign({FRAMES})
        assert await stage.republished() == 0
        assert not stage.stands()
        stage.marks.stand()
        assert await stage.republished() == 1
        assert stage.stands()

    asyncio.run(scene())


def test_a_mark_waits_until_what_nobody_holds_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """`headrace refresh` and `rebuild` end with it. Who is told what to hold knows it once those who tell are done."""
    asked = list[str]()
    monkeypatch.setattr(Lists, "kinds", frozenset({"item"}))
    monkeypatch.setattr(Lists, "told_by", (ITEM_DELTAS,))
    monkeypatch.setattr(Lists, "after", ())

    def strays(_: Lists, kind: str, names: list[str]) -> list[str]:
        asked.extend(f"{kind}:{name}" for name in names)
        return []

    monkeypatch.setattr(Lists, "strays", strays)

    async def scene() -> None:
        stage = Stage()
        await stage.host.assign({FRAMES})
        assert await stage.republished(5) == 1
        assert (stage.marks.pages, stage.stands()) == (0, False)
        stage.marks.stand()
        while not stage.stands():
            assert await stage.republished(1) == 0
        assert asked == [f"item:i{page}" for page in (1, 2, 3)]
        stage.marks.now = "run-2"
        assert await stage.republished(1) == 1
        stage.marks.stand()
        while not stage.stands():
            assert await stage.republished(1) == 0
        assert stage.marks.pages == 6

    asyncio.run(scene())


def test_another_server_or_a_lost_mark_publishes_once_more() -> None:
    async def scene() -> None:
        stage = await published()
        stage.marks.held.clear()
        stage.marks.now = "run-2"
        assert await stage.republished() == 0
        stage.marks.stand()
        assert await stage.republished() == 1
        del stage.marks.held[KEYS.published(*FRAMES)]
        assert await stage.republished() == 1

    asyncio.run(scene())


def test_a_partition_that_is_never_done_leaves_its_mark_once_all_that_was_lost_stands() -> None:
    """Where events flow, something waits to be published at every moment."""

    async def scene() -> None:
        stage = await holding()
        stage.step.is_settled = stage.step.is_republished = False
        assert await stage.republished() == 1
        assert not stage.stands()
        stage.step.is_republished = True
        assert await stage.republished() == 0
        assert stage.stands()

    asyncio.run(scene())


def test_a_mark_taken_away_the_moment_it_was_set_publishes_once_more() -> None:
    """`headrace refresh` does not wait for the worker to have looked at it again."""

    async def scene() -> None:
        stage = await standing()
        del stage.marks.held[KEYS.published(*FRAMES)]
        assert await stage.republished() == 1
        assert stage.stands()

    asyncio.run(scene())


def test_views_lost_while_they_are_published_are_published_once_more() -> None:
    """The server stays, as with FLUSHALL: all that tells is that the mark of the beginning is gone."""

    async def scene() -> None:
        stage = await holding()
        stage.step.is_republished = False
        assert await stage.republished() == 1
        stage.marks.held.clear()
        stage.marks.stand()
        stage.step.is_republished = True
        assert await stage.republished(1) == 1
        assert not stage.stands()
        assert await stage.republished(1) == 0
        assert stage.stands()

    asyncio.run(scene())


def test_views_lost_with_the_last_of_them_written_are_published_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        stage = await holding()
        assert await stage.republished(1) == 1
        with monkeypatch.context() as lost:
            lost.setattr(stage.broker, "flush", stage.marks.held.clear)
            assert await stage.republished(1) == 0
        assert not stage.stands()
        stage.marks.stand()
        assert await stage.republished() == 1
        assert stage.stands()

    asyncio.run(scene())


def test_nothing_is_published_while_a_rebuild_catches_up() -> None:
    async def scene() -> None:
        stage = Stage()
        stage.marks.stand()
        stage.marks.held[KEYS.rebuilding()] = HOLD
        await stage.host.assign({FRAMES})
        assert await stage.republished() == 0
        assert not stage.stands()
        stage.marks.held[KEYS.rebuilding()] = PUBLISH
        assert await stage.republished() == 1
        assert stage.stands()

    asyncio.run(scene())


@pytest.mark.parametrize("stood", [True, False])
def test_what_was_folded_in_silence_is_published_also_if_the_rebuild_was_given_up(*, stood: bool) -> None:
    """The mark that stood, or that its beginning has left, is of before."""

    async def scene() -> None:
        stage = await holding()
        stage.step.is_republished = stood
        assert await stage.republished() == 1
        assert stage.stands() == stood
        stage.marks.held[KEYS.rebuilding()] = HOLD
        assert await stage.republished() == 0
        stage.step.is_republished = True
        stage.marks.held[KEYS.rebuilding()] = PUBLISH
        assert await stage.republished() == 1
        assert stage.stands()

    asyncio.run(scene())


def test_a_partition_that_is_held_in_silence_has_no_mark() -> None:
    """Of its worker, which may end before it looks again."""

    async def scene() -> None:
        stage = Stage()
        stage.marks.mark(KEYS.published(*FRAMES), standing_in(stage.marks.now), 1)
        stage.marks.held[KEYS.rebuilding()] = HOLD
        await stage.host.assign({FRAMES})
        assert not stage.stands()

    asyncio.run(scene())
