"""Faust's manager of tables, of an app that has none: a worker's state is not in them."""

from faust.tables.manager import TableManager


class NoTables(TableManager):
    """Faust's own waits a second for tables to be registered, at each start, before it joins the group."""

    async def on_start(self) -> None:
        await self._update_channels()
        await self.recovery.start()
