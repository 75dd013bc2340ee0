# SPDX-License-Identifier: GPL-2.0-or-later
"""State of the edge, asked every few seconds, for the technician.

kamailio does not report when a trunk's registration fails, so the box must ask. Passwords stand in its answer: nothing
of it is logged.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from appliance.config.model import EdgeConfig, TrunkConfig
from appliance.contract.edge import EdgeState, TrunkState
from appliance.contract.records import TroubleNoted
from appliance.edge.block_troubles import BlockTroubles
from appliance.edge.blocks import Blocks
from appliance.edge.rpc import Rpc, RpcError
from appliance.i18n import N_

ASK_S: Final = 2.0
FAILED_LOOKS: Final = 3
"""Successive looks without it until a thing counts as gone: the edge may be starting, a trunk may be registering."""
ONLINE: Final = 4
"""UAC_REG_ONLINE of kamailio's uac module: the last REGISTER was answered with 200, and still counts."""

_log = logging.getLogger(__name__)


class _Registration(msgspec.Struct, frozen=True):
    l_uuid: str
    flags: int


class EdgeWatch:
    """Asks for the edge's state.

    Args:
        rpc: its socket.
        trunks: those that are configured.
        tell: takes the state, each time.
        note: takes troubles for the books: a registration that failed or is back.
        blocked: notes blocks.
        every_s: time between two requests.
        block_s: how long a block of it lasts.
    """

    def __init__(
        self,
        rpc: Path,
        trunks: tuple[TrunkConfig, ...],
        tell: Callable[[EdgeState], None],
        note: Callable[[TroubleNoted], None],
        blocked: BlockTroubles,
        every_s: float = ASK_S,
        block_s: int = EdgeConfig().block_s,
    ) -> None:
        self._rpc, self._trunks = Rpc(rpc), trunks
        self._blocks = Blocks(self._rpc, block_s)
        self._tell, self._note, self._blocked, self._every_s = tell, note, blocked, every_s
        self._registers = any(trunk.register for trunk in trunks)
        self._silent = 0
        self._missing = dict.fromkeys((trunk.name for trunk in trunks), 0)
        self._states: dict[str, TrunkState] = {}

    async def run(self) -> None:
        """Ask until cancelled."""
        while True:
            await self._look()
            await asyncio.sleep(self._every_s)

    async def _look(self) -> None:
        try:
            phones = await self._rpc.ask("stats.get_statistics", ["location_users"], list[str])
            held = await self._rpc.ask("uac.reg_dump", [], list[_Registration]) if self._registers else []
            now_s = time.time()
            blocked = await self._blocks.now(now_s)
        except RpcError as error:
            self._silent += 1
            if self._silent == FAILED_LOOKS:
                _log.warning("the edge does not answer: %s", error)
                self._tell(EdgeState(up=False, phones=0))
            return
        self._silent = 0
        self._blocked.seen(blocked, now_s)
        registered = {each.l_uuid: bool(each.flags & ONLINE) for each in held}
        at = round(now_s * 1000)
        trunks = tuple(self._state(trunk, at, registered=registered.get(trunk.name, False)) for trunk in self._trunks)
        for trunk in trunks:
            if trunk.registers:
                self._compare(trunk)
        registered_phones = sum(int(each.rpartition("=")[2]) for each in phones)
        self._tell(EdgeState(up=True, phones=registered_phones, trunks=trunks, blocked=blocked))

    def _state(self, trunk: TrunkConfig, at: int, *, registered: bool) -> TrunkState:
        """Return the state of a trunk, since `at` if it was another."""
        known = self._states.get(trunk.name)
        if known is None or known.registered != registered:
            known = self._states[trunk.name] = TrunkState(trunk.name, trunk.register, registered, at)
        return known

    def _compare(self, trunk: TrunkState) -> None:
        """Note a trouble if the state of a registration has changed."""
        missing = self._missing[trunk.name]
        self._missing[trunk.name] = 0 if trunk.registered else missing + 1
        if trunk.registered and missing >= FAILED_LOOKS:
            self._note(TroubleNoted("trunk", N_("trunk {name} is registered again"), values={"name": trunk.name}))
        elif self._missing[trunk.name] == FAILED_LOOKS:
            text = N_("trunk {name} is not registered: callers from there do not reach the box")
            self._note(TroubleNoted("trunk", text, values={"name": trunk.name}))
