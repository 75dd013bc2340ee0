# SPDX-License-Identifier: GPL-2.0-or-later
"""The process that sends voice messages by mail: `appliance.mailing.mailer` every few seconds."""

import logging
import signal
import threading
from functools import partial
from pathlib import Path
from typing import Final

from appliance.api.teller import Teller
from appliance.children.child import ending_signals, refuse
from appliance.children.keeper import die_with_parent
from appliance.config.load import load_box
from appliance.contract.errors import ApiError, ApplianceError
from appliance.i18n import _
from appliance.mailing.errors import MailError
from appliance.mailing.mailer import Mailer
from appliance.mailing.post import send
from appliance.mailing.spool import Spool
from appliance.wall import system_wall

INTERVAL_S: Final = 5.0

_log = logging.getLogger(__name__)


def main(arguments: list[str]) -> int:
    """Send letters until SIGTERM. Return the exit status."""
    die_with_parent()
    logging.basicConfig(level=logging.INFO, format="mailing: %(message)s")
    file = Path(arguments[0])
    stopped = threading.Event()
    for number in ending_signals():
        signal.signal(number, lambda *_signal: stopped.set())
    try:
        mailer = make(file)
    except (ApplianceError, OSError) as error:
        return refuse(error)
    said = ""
    while not stopped.is_set():
        why = _turn(mailer)
        if why and why != said:
            _log.warning("%s", why)
        said = why
        stopped.wait(INTERVAL_S)
    return 0


def make(file: Path) -> Mailer:
    """Return the mailer of a configuration. Raises ApplianceError, OSError."""
    config, paths = load_box(file)
    if not config.mail.server:
        raise MailError(_("no mail server is configured"), _("set mail.server"))
    post = partial(send, config.mail, file.parent)
    teller = Teller(paths.control_socket, "mail")
    return Mailer(config, paths.control_socket, Spool(paths.state / "mail"), post, teller.tell)


def _turn(mailer: Mailer) -> str:
    """Return why a turn was not possible, '' if it was."""
    try:
        mailer.turn(system_wall(0))
    except (ApiError, OSError) as error:
        return error.message if isinstance(error, ApiError) else str(error)
    return ""
