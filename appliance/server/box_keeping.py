# SPDX-License-Identifier: GPL-2.0-or-later
"""How long messages stay in their boxes: `[[voicemail]] keep_days`. Files of deleted messages are deleted after them.

A message is deleted by the engine, as by a phone; its file goes when no box has it any more.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from appliance.api.messages import ChangeMessage
from appliance.config.model import BoxConfig
from appliance.contract.errors import RequestError, StoreError
from appliance.store import messages
from appliance.store.store import Store

INTERVAL_S: Final = 600.0
_DAY_MS: Final = 86_400_000

_log = logging.getLogger(__name__)


class BoxKeeping:
    """Removal of messages after their time.

    Args:
        store: the books.
        recordings: the recordings folder.
        config: the box's.
        change: carries out a request of the box itself.
    """

    def __init__(
        self, store: Store, recordings: Path, config: BoxConfig, change: Callable[[ChangeMessage], object]
    ) -> None:
        self._store, self._recordings, self._change = store, recordings, change
        self.be(config)

    def be(self, config: BoxConfig) -> None:
        """Keep messages as this configuration says from now on."""
        self._boxes = config.voicemail

    async def run(self) -> None:
        """Run every ten minutes, until cancelled."""
        while True:
            try:
                await self.once(self._store.label(self._store.last_tick()))
            except (OSError, sqlite3.Error, StoreError) as error:
                _log.error("messages that are old enough could not be deleted: %s", error)
            await asyncio.sleep(INTERVAL_S)

    async def once(self, now: int) -> None:
        """Delete what is too old at `now` (Unix milliseconds), and files without a message.

        Raises OSError, sqlite3.Error, StoreError.
        """
        for number in await asyncio.to_thread(self._aged, now):
            try:
                self._change(ChangeMessage(number, "deleted"))
            except RequestError:  # deleted at a phone meanwhile
                continue
        gone = await asyncio.to_thread(self._delete_files)
        if gone:
            self._store.note_messages_gone(gone, now)

    def _aged(self, now: int) -> list[int]:
        with closing(self._store.reader()) as books:
            return [
                number
                for box in self._boxes
                if box.keep_days
                for number in messages.aged(books, box.name, now - box.keep_days * _DAY_MS)
            ]

    def _delete_files(self) -> list[int]:
        with closing(self._store.reader()) as books:
            found = messages.files_to_delete(books)
        for path in {path for _number, path in found}:
            (self._recordings / path).unlink(missing_ok=True)
        return [number for number, _path in found]
