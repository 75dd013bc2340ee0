# SPDX-License-Identifier: GPL-2.0-or-later
"""The message of `mxbox run` once the box is up: the parts that run, and the commands that ask it."""

import threading
import time
from collections.abc import Callable
from typing import Final

from appliance.api.client import Client
from appliance.api.messages import Status, StatusReply
from appliance.config.model import BoxConfig
from appliance.config.paths import ResolvedPaths
from appliance.contract.errors import ApiError
from appliance.i18n import _, ngettext

_INTERVAL_S: Final = 0.3
_TIMEOUT_S: Final = 5.0


def welcome(box: BoxConfig, paths: ResolvedPaths, over: Callable[[], bool]) -> None:
    """Print once that the box is up, from a thread of its own: the loop that keeps processes running never waits."""
    threading.Thread(target=_wait, args=(box, paths, over), daemon=True).start()


def _wait(box: BoxConfig, paths: ResolvedPaths, over: Callable[[], bool]) -> None:
    while not over():
        if _is_up(paths):
            print(_word(box, paths), flush=True)
            return
        time.sleep(_INTERVAL_S)


def _is_up(paths: ResolvedPaths) -> bool:
    if not paths.control_socket.exists():
        return False
    try:
        with Client(paths.control_socket, _TIMEOUT_S) as client:
            return client.ask(Status(), StatusReply).connected
    except ApiError:
        return False


def _word(box: BoxConfig, paths: ResolvedPaths) -> str:
    spans = ngettext("{n} span", "{n} spans", len(box.span)).format(n=len(box.span))
    extensions = ngettext("{n} extension", "{n} extensions", len(box.extension)).format(n=len(box.extension))
    return _("the box is up: {profile}, {spans}, {extensions}; ask it: mxbox status --socket {socket}").format(
        profile=box.profile, spans=spans, extensions=extensions, socket=paths.control_socket
    )
