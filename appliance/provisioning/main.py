# SPDX-License-Identifier: GPL-2.0-or-later
"""The process from which telephones fetch their settings."""

import signal
import sys
import threading
from pathlib import Path

from appliance.api.teller import Teller
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
from appliance.provisioning.errors import ProvisioningError
from appliance.provisioning.fetch import Desk
from appliance.provisioning.server import Server, tls
from appliance.wall import system_wall


def main(arguments: list[str]) -> int:
    """Serve until SIGTERM. Return the exit status."""
    die_with_parent()
    file = Path(arguments[0])
    try:
        server = make_server(file, *load_box(file))
    except (ApplianceError, OSError) as error:
        return refuse(error)
    for number in ending_signals():
        # shutdown waits for the loop to end: not in the thread that runs it
        signal.signal(number, lambda *_signal: threading.Thread(target=server.shutdown).start())
    with server:
        server.serve_forever(poll_interval=0.1)
    return 0


def make_server(file: Path, config: BoxConfig, paths: ResolvedPaths) -> Server:
    """Return the server of `config`; make the box's certificate if it has none. Raises ApplianceError."""
    side, desk = config.provisioning, Desk.of(file)
    if not side.enabled:
        raise ProvisioningError(_("provisioning is switched off"), _("set provisioning.enabled = true"))
    files = edge_paths(config, paths)
    try:
        context = tls(certificates(config, files), config.edge.tls_from)
    except OSError as error:
        message = _("the certificate {path} cannot be used: {why}").format(path=files.certificate, why=why(error))
        raise ProvisioningError(message, _("edge.certificate and edge.key name PEM files, both or neither")) from error
    try:
        teller = Teller(paths.control_socket, "provisioning")
        server = Server((side.bind, side.port), context, desk, lambda: system_wall(0), _log, tell=teller.tell)
    except OSError as error:
        place = f"{side.bind}:{side.port}"
        message = _("nothing can listen at {place}: {why}").format(place=place, why=why(error))
        raise ProvisioningError(message, _("choose another provisioning.port or provisioning.bind")) from error
    desk.tidy()
    return server


def _log(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
