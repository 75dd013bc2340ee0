# SPDX-License-Identifier: GPL-2.0-or-later
"""How the edge is: asked every few seconds over its own JSON-RPC socket (kamailio's `jsonrpcs`), for the technician.

kamailio tells nobody when a trunk's registration fails, so the box must ask. Passwords stand in its answer: nothing of
it is logged.
"""

import asyncio
import logging
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from appliance.api.messages import EdgeState, TrunkState
from appliance.config.model import TrunkConfig
from appliance.i18n import _
from appliance.records import TroubleNoted

ASK_S: Final = 2.0
ANSWER_S: Final = 1.0
ANSWER_BYTES: Final = 1 << 17
FAILED_LOOKS: Final = 3
"""In a row, until what is not there counts as gone: the edge may just be started, and a trunk just register."""
ONLINE: Final = 4
"""UAC_REG_ONLINE of kamailio's uac module: the last REGISTER was answered with 200, and counts still."""

_log = logging.getLogger(__name__)


class _Registration(msgspec.Struct, frozen=True):
    l_uuid: str
    flags: int


class _Answer(msgspec.Struct, frozen=True):
    id: int
    result: msgspec.Raw = msgspec.Raw()


class EdgeWatch:
    """Asks the edge how it is.

    Args:
        rpc: its socket.
        trunks: those that are configured.
        tell: takes what was found, each time.
        note: takes what is to go into the books: a registration that failed or came back.
        every_s: between two questions.
    """

    def __init__(
        self,
        rpc: Path,
        trunks: tuple[TrunkConfig, ...],
        tell: Callable[[EdgeState], None],
        note: Callable[[TroubleNoted], None],
        every_s: float = ASK_S,
    ) -> None:
        self._rpc, self._trunks, self._tell, self._note, self._every_s = str(rpc), trunks, tell, note, every_s
        self._registers = any(trunk.register for trunk in trunks)
        self._number = 0
        self._silent = 0
        self._missing = dict.fromkeys((trunk.name for trunk in trunks), 0)

    async def run(self) -> None:
        """Ask until cancelled."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as here:
            here.bind("")  # any name that is free, in no folder
            while True:
                await self._look(here)
                await asyncio.sleep(self._every_s)

    async def _look(self, here: socket.socket) -> None:
        try:
            async with asyncio.timeout(ANSWER_S):
                phones = await self._ask(here, "stats.get_statistics", ["location_users"], list[str])
                held = await self._ask(here, "uac.reg_dump", [], list[_Registration]) if self._registers else []
        except (OSError, TimeoutError, msgspec.MsgspecError) as error:
            self._silent += 1
            if self._silent == FAILED_LOOKS:
                _log.warning("the edge does not answer: %s", type(error).__name__)
                self._tell(EdgeState(up=False, phones=0))
            return
        self._silent = 0
        registered = {each.l_uuid: bool(each.flags & ONLINE) for each in held}
        trunks = tuple(TrunkState(each.name, each.register, registered.get(each.name, False)) for each in self._trunks)
        for trunk in trunks:
            if trunk.registers:
                self._compare(trunk)
        self._tell(EdgeState(up=True, phones=sum(int(each.rpartition("=")[2]) for each in phones), trunks=trunks))

    def _compare(self, trunk: TrunkState) -> None:
        """Note what has changed since the last look."""
        missing = self._missing[trunk.name]
        self._missing[trunk.name] = 0 if trunk.registered else missing + 1
        if trunk.registered and missing >= FAILED_LOOKS:
            self._note(TroubleNoted("trunk", _("trunk {name} is registered again").format(name=trunk.name)))
        elif self._missing[trunk.name] == FAILED_LOOKS:
            text = _("trunk {name} is not registered: callers from there do not reach the box")
            self._note(TroubleNoted("trunk", text.format(name=trunk.name)))

    async def _ask(self, here: socket.socket, method: str, parameters: list[str], kind: Any) -> Any:
        self._number += 1
        question = {"jsonrpc": "2.0", "method": method, "params": parameters, "id": self._number}
        loop = asyncio.get_running_loop()
        await loop.sock_sendto(here, msgspec.json.encode(question), self._rpc)
        while True:
            answer = msgspec.json.decode(await loop.sock_recv(here, ANSWER_BYTES), type=_Answer)
            if answer.id == self._number:  # else it is an earlier one, which came too late
                return msgspec.json.decode(answer.result, type=kind)
