"""Faust without tables: a worker's state is not in them, and nothing of it is on this machine."""

import faust
from faust.tables.manager import TableManager


class NoTables(TableManager):
    """Faust's own waits a second for tables to be registered, at each start, before it joins the group."""

    async def on_start(self) -> None:
        await self._update_channels()
        await self.recovery.start()


class AppWithoutFolders(faust.App):
    """Faust's own makes folders for tables, under one name that whoever shares the machine may have taken."""

    def _create_directories(self) -> None:
        pass
