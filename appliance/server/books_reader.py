# SPDX-License-Identifier: GPL-2.0-or-later
"""The books as desks read them: on other threads, each time on a connection of its own."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import TypeVar

from appliance.store.reads import Reads
from appliance.store.store import Store

T = TypeVar("T")


class BooksReader:
    """Asks the books, so that no call waits for a request however long its answer takes."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def read(self, question: Callable[[Reads], T]) -> T:
        """Return the answer to a question to the views of the books. Raises sqlite3.Error."""
        return await self.ask(lambda connection: question(Reads(connection)))

    async def ask(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """Return the answer to a question to a connection. Raises sqlite3.Error."""

        def asked() -> T:
            with closing(self._store.reader()) as connection:
                return question(connection)

        return await asyncio.to_thread(asked)
