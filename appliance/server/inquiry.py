# SPDX-License-Identifier: GPL-2.0-or-later
"""Questions to the switch, for desks that answer with what it says."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from appliance.contract.errors import RequestError
from appliance.contract.switch import AnyCommand
from appliance.i18n import N_
from appliance.server.server import CallServer

ANSWER_S: Final = 2.0
"""How long the switch may take to look something up; it does so within a tick."""


class Inquiry:
    """Asks the switch.

    Args:
        server: the running call server.
        send: takes commands to the switch.
    """

    def __init__(self, server: CallServer, send: Callable[[list[AnyCommand]], None]) -> None:
        self._server, self._send = server, send

    async def ask(self, make: Callable[[int], AnyCommand]) -> Any:
        """Return the switch's answer to a command, made with the number of the request. Raises RequestError."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        request = next(self._server.requests)
        self._server.answers[request] = lambda event: None if answer.done() else answer.set_result(event)
        self._send([make(request)])
        try:
            return await asyncio.wait_for(answer, ANSWER_S)
        except TimeoutError as error:
            hint = N_("wait until it is back, see `mxbox status`")
            raise RequestError.of(N_("the switch is not there"), hint) from error
        finally:
            self._server.answers.pop(request, None)
