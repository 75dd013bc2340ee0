# SPDX-License-Identifier: GPL-2.0-or-later
"""The process of the gate: HTTPS until SIGTERM."""

import asyncio
import logging
import ssl
from pathlib import Path
from typing import Final, Self

from aiohttp import web

from appliance.children.child import ending_signals, refuse
from appliance.children.keeper import die_with_parent
from appliance.config.load import load_box
from appliance.config.model import BoxConfig
from appliance.config.paths import ResolvedPaths
from appliance.contract.errors import ApplianceError
from appliance.contract.reasons import why
from appliance.edge.certificate import certificates
from appliance.edge.values import edge_paths
from appliance.i18n import _
from appliance.provisioning.server import tls
from tui.web.connections import Connections
from tui.web.control_door import ControlDoor
from tui.web.door import Door
from tui.web.forks import NICE, Forks
from tui.web.gate import Gate

RUN: Final = "tui.web.show:show"
"""Function that a session runs."""
LOWEST_TLS: Final = "1.2"
HANDSHAKE_S: Final = 10.0
KEEP_ALIVE_S: Final = 20.0
CLOSE_S: Final = 5.0
_BACKLOG: Final = 64


class WebError(ApplianceError):
    """Browsers cannot be served here."""


def main(arguments: list[str]) -> int:
    """Serve until SIGTERM. Return the exit status."""
    die_with_parent()
    logging.basicConfig(level=logging.INFO, format="web: %(message)s")
    try:
        config, paths = load_box(Path(arguments[0]))
        if not config.web.enabled:
            raise WebError(_("the terminal in the browser is switched off"), _("set web.enabled = true"))
        return asyncio.run(serve(config, paths, ControlDoor(paths.control_socket), RUN))
    except (ApplianceError, OSError) as error:
        return refuse(error)


async def serve(config: BoxConfig, paths: ResolvedPaths, door: Door, run: str) -> int:
    """Serve until a signal ends it; return the exit status. Raises WebError."""
    stopped = asyncio.Event()
    for number in ending_signals():
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with Served(config, paths, door, run):
        await stopped.wait()
    return 0


class Served:
    """The gate of a box, while it serves. Raises WebError at its start if it cannot."""

    def __init__(self, config: BoxConfig, paths: ResolvedPaths, door: Door, run: str, nice: int = NICE) -> None:
        self._config, self._context = config, _context(config, paths)
        self.forks = Forks(run, nice)
        clock = asyncio.get_running_loop().time
        self.gate = Gate.of(config.web, door, self.forks, str(paths.control_socket), clock)

    async def __aenter__(self) -> Self:
        side = self._config.web
        self._runner = web.AppRunner(
            self.gate.app(), access_log=None, keepalive_timeout=KEEP_ALIVE_S, shutdown_timeout=CLOSE_S
        )
        await self._runner.setup()
        assert self._runner.server is not None
        try:
            self._server = await asyncio.get_running_loop().create_server(
                Connections(self._runner.server),
                *(side.bind, side.port),
                ssl=self._context,
                ssl_handshake_timeout=HANDSHAKE_S,
                backlog=_BACKLOG,
            )
        except OSError as error:
            place = f"{side.bind}:{side.port}"
            message = _("nothing can listen at {place}: {why}").format(place=place, why=why(error))
            raise WebError(message, _("choose another web.port or web.bind")) from error
        return self

    async def __aexit__(self, *_why: object) -> None:
        self._server.close()
        await self.gate.stop()
        await self._runner.cleanup()
        await self.forks.close()


def _context(config: BoxConfig, paths: ResolvedPaths) -> ssl.SSLContext:
    """Return the box's certificates, made if need be. Raises WebError."""
    files = edge_paths(config, paths)
    try:
        return tls(certificates(config, files), LOWEST_TLS)
    except OSError as error:
        message = _("the certificate {path} cannot be used: {why}").format(path=files.certificate, why=why(error))
        raise WebError(message, _("edge.certificate and edge.key name PEM files, both or neither")) from error
