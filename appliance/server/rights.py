# SPDX-License-Identifier: GPL-2.0-or-later
"""Users and their rights: the kernel names the user at the other end of a Unix socket (unix(7): SO_PEERCRED)."""

import os
import pwd
import socket
import struct
from collections.abc import Mapping, Sequence
from typing import Final

from appliance.contract.rights import ALL, Peer, Right

_CREDENTIALS: Final = struct.Struct("3i")  # struct ucred: pid, uid, gid
_ROOT: Final = 0


class Admission:
    """Users and their rights: `users` by name; root and the user of this process have all.

    With `sign_in` every user may connect, to sign in as a user of the box.
    """

    def __init__(self, users: Mapping[str, Sequence[Right]], *, sign_in: bool = False) -> None:
        self._users, self.sign_in = users, sign_in
        self._all = {_ROOT, os.getuid()}

    def be(self, users: Mapping[str, Sequence[Right]]) -> None:
        """Set users and their rights, for connections from now on."""
        self._users = users

    @property
    def others(self) -> bool:
        """Whether other users than the box's own are admitted."""
        return bool(self._users) or self.sign_in

    def peer(self, connection: socket.socket) -> Peer:
        """Return the user at the other end of a connection."""
        raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        return self.of(_CREDENTIALS.unpack(raw)[1])

    def of(self, uid: int) -> Peer:
        """Return the user of a number."""
        user = _name(uid)
        return Peer(user, ALL if uid in self._all else tuple(self._users.get(user, ())))


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
