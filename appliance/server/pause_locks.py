# SPDX-License-Identifier: GPL-2.0-or-later
"""Lock codes of pauses that programs tell, as agents key them at a phone: `agents.lock_pause`."""

import asyncio
from pathlib import Path
from typing import Final

from appliance.api.messages import SetAgent
from appliance.contract.errors import RequestError
from appliance.i18n import N_
from appliance.phones import pins
from appliance.server.server import CallServer

_AGAIN: Final = N_("type it once more; a supervisor may end the pause, too")


class PauseLocks:
    """Codes of pauses: they are kept, compared, and counted where they are wrong.

    Args:
        server: the running call server.
        state: the folder of agents' PINs; None: there is none.
    """

    def __init__(self, server: CallServer, state: Path | None) -> None:
        self._server, self._file = server, state / pins.FILE if state is not None else None

    async def prove(self, asked: SetAgent) -> None:
        """Keep the code of a pause that begins, or compare that of a locked one. Raises RequestError, StoreError."""
        if not asked.lock:
            return
        if self._file is None or asked.agent not in {view.agent for view in self._server.engine.agents()}:
            raise RequestError.of(N_("there is no agent {what}"), what=asked.agent)
        if asked.status == "paused":
            await self._keep(self._file, asked)
        elif self._server.engine.is_locked(asked.agent):
            await self._compare(self._file, asked)

    async def _keep(self, file: Path, asked: SetAgent) -> None:
        engine = self._server.engine
        if not engine.desk().lock_pause:
            raise RequestError.of(N_("pauses take no lock code here"), N_("set agents.lock_pause = true"))
        now = self._server.store.label(self._server.now)
        await asyncio.to_thread(pins.keep_lock, file, asked.agent, asked.lock, now)

    async def _compare(self, file: Path, asked: SetAgent) -> None:
        """Raise RequestError unless the code is right, or was lost with its file; count wrong ones."""
        if self._server.engine.refuses_pins(asked.agent):
            raise RequestError.of(N_("too many wrong codes: none is taken for a while"), _AGAIN)
        if await asyncio.to_thread(pins.check_lock, file, asked.agent, asked.lock) == "wrong":
            self._server.wrong_lock(asked.agent)
            raise RequestError.of(N_("this is not the lock code of the pause"), _AGAIN)
