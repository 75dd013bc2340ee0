# SPDX-License-Identifier: GPL-2.0-or-later
"""The user at the other end of a connection: one of the machine, or one of the box who has signed in."""

from dataclasses import dataclass
from typing import Final

from appliance.access.tickets import Ticket
from appliance.access.users import Account
from appliance.contract.access import Access, Need
from appliance.contract.rights import ALL, Peer

MACHINE: Final = "machine"
"""The door of users of this machine."""
_NONE: Final = Account("", "", "")


@dataclass
class Visitor:
    """The user of a connection. With a `ticket` the rights are those of the role, whatever the machine's user may."""

    peer: Peer
    ticket: Ticket | None = None
    account: Account = _NONE
    access: Access | None = None

    @property
    def user(self) -> str:
        """The user's name in books and logs."""
        return self.account.user if self.ticket is not None else self.peer.user

    @property
    def door(self) -> str:
        """Where it is asked from."""
        return self.ticket.address if self.ticket is not None else MACHINE

    @property
    def supervises(self) -> bool:
        """Whether the user is shown supervisors in talks of others."""
        if self.ticket is not None:
            return self.access is not None and self.access.holds(Need("supervision", "view"))
        return "supervise" in self.peer.rights

    @property
    def trusted(self) -> bool:
        """Whether it is root or the box's own user, who may say where others are."""
        return self.peer.rights == ALL
