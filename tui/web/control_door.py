# SPDX-License-Identifier: GPL-2.0-or-later
"""The door that asks the box: its control socket checks users, gives tickets and ends them."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from appliance.api.messages import AnyReply, AnyRequest, Error, SignedIn, SignIn, SignOut, UseTicket
from appliance.i18n import N_
from appliance.wall import system_wall
from tui.web.door import AwayError, Proof, RefusedError
from tui.web.visit import Guest

ANSWER_S: Final = 20.0
_AWAY: Final = N_("the box does not answer: its call server is being started, or look at its log")
_MAX_REPLY: Final = 1 << 20
_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyReply] = msgspec.json.Decoder(AnyReply)


class ControlDoor:
    """Asks a box, on a connection of its own each time: a ticket is for the connection that asked for it.

    Args:
        control: its control socket.
        wall: returns the time of day, Unix milliseconds.
    """

    def __init__(self, control: Path, wall: Callable[[], int] = lambda: system_wall(0)) -> None:
        self._control, self._wall = control, wall

    async def sign_in(self, proof: Proof) -> Guest:
        """Return the guest that a proof is for. Raises RefusedError, AwayError."""
        asked = SignIn(user=proof.user, password=proof.password, code=proof.code, address=proof.source)
        match await self._ask(asked):
            case SignedIn() as inside:
                facts = (inside.ticket, inside.access, self._good_s(inside), inside.agent, inside.own)
                return Guest(inside.user, inside.role, *facts)
            case Error() as error:
                raise RefusedError.of(error.msgid or error.message, error.hint_id or error.hint, **error.values)
            case _:
                raise AwayError.of(_AWAY)

    def _good_s(self, inside: SignedIn) -> float:
        return max(1.0, inside.until / 1000 - self._wall() / 1000)

    async def sign_out(self, guest: Guest) -> None:
        """Make the guest's ticket void. Raises nothing: a ticket ends by itself as well."""
        with contextlib.suppress(AwayError):
            await self._ask(UseTicket(ticket=guest.ticket), SignOut())

    async def _ask(self, *requests: AnyRequest) -> AnyReply:
        """Send requests on one connection; return the last reply. Raises AwayError."""
        try:
            async with asyncio.timeout(ANSWER_S):
                reader, writer = await asyncio.open_unix_connection(str(self._control), limit=_MAX_REPLY)
                with contextlib.closing(writer):
                    writer.writelines(_encoder.encode(each) + b"\n" for each in requests)
                    replies = [_decoder.decode(await reader.readuntil(b"\n")) for _each in (None, *requests)]
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as error:  # msgspec's are ValueErrors
            raise AwayError.of(_AWAY) from error
        return replies[-1]
