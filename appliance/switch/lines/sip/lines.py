# SPDX-License-Identifier: GPL-2.0-or-later
"""Lines of the SIP side: from lines to addresses, from sources to lines.

With an edge in front, only the edge may speak to the switch, and its header names the caller's line:
`phone:<extension>` or `trunk:<name>`; their calls go out through it. Without one, a phone is known by its packets'
source address.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from appliance.config.model import EdgeConfig, ExtensionConfig, SendKeys, TrunkConfig
from appliance.contract.address import PHONE, SIP, TRUNK, LineAddress
from appliance.contract.switch import Party, Redirecting
from appliance.i18n import _
from appliance.switch.lines.sip.parties import heard, sent_here
from drivers.errors import SipAddressError
from drivers.sip import SipAddress, SipIncoming, SipTrunk

SCHEMES = frozenset({SIP, PHONE, TRUNK})
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Way:
    """The way of a call to a line: see `SipEndpoint.dial`."""

    to: SipAddress
    through_proxy: bool = False
    trunk: SipTrunk | None = None


@dataclass(frozen=True)
class Caller:
    """A caller and its line."""

    line: str
    party: Party
    redirecting: Redirecting | None = None  # the party that sent the call on: of trunks only


class SipLines:
    """All SIP lines of the box.

    Args:
        extensions, trunks: as configured; extensions on other lines do not matter here.
        edge: the SIP face outside, None if phones speak to the switch themselves.

    Raises:
        SipAddressError: an extension's address is none.
    """

    def __init__(
        self, extensions: Sequence[ExtensionConfig], trunks: Sequence[TrunkConfig] = (), edge: EdgeConfig | None = None
    ) -> None:
        self._edge = edge
        self._fixed = _fixed(extensions)
        self._extensions = {extension.number: extension for extension in extensions}
        self._trunks = {trunk.name: trunk for trunk in trunks}

    @property
    def proxy(self) -> str:
        """Address at which the edge hears the switch, '' without one."""
        return f"{LOOPBACK}:{self._edge.port}" if self._edge else ""

    def takes(self, line: str) -> bool:
        """Return whether a line is one of SIP's."""
        return LineAddress.of(line).scheme in SCHEMES

    def may_speak(self, host: str, port: int) -> bool:
        """Return whether a call may come from this source."""
        if self._edge:
            return (host, port) == (LOOPBACK, self._edge.port)
        return (host, port) in self._fixed

    def way(self, line: str, called: str) -> Way:
        """Return the way of a call to a line.

        Raises:
            SipAddressError: there is no such line.
        """
        kind, name = LineAddress.of(line)
        if kind == SIP:
            return Way(SipAddress.parse(line))
        if not self._edge:
            raise SipAddressError(_("{line} needs the edge").format(line=line), _("set edge.enabled = true"))
        if kind == PHONE:
            return Way(SipAddress(name, self._edge.domain), through_proxy=True)
        trunk = self._trunks.get(name)
        if trunk is None:
            raise SipAddressError(_("there is no trunk {name}").format(name=name), _("add a [[trunk]] of that name"))
        transport = "" if trunk.named_transport == "udp" else trunk.named_transport
        to = SipAddress(called, trunk.domain or trunk.host, trunk.named_port, transport)
        by = SipTrunk(trunk.name, trunk.user, trunk.password)
        return Way(to, through_proxy=True, trunk=by)

    def trusted(self, line: str) -> bool | None:
        """Return whether a trunk is trusted with numbers that are withheld; None: the line is no trunk."""
        kind, name = LineAddress.of(line)
        trunk = self._trunks.get(name) if kind == TRUNK else None
        return trunk.trusted if trunk is not None else None

    def send_keys(self, line: str) -> SendKeys:
        """Return the configured form of keys to a line."""
        kind, name = LineAddress.of(line)
        if kind == TRUNK:
            return trunk.send_keys if (trunk := self._trunks.get(name)) else "auto"
        return next((each.send_keys for each in self._extensions.values() if each.line == line), "auto")

    def caller(self, event: SipIncoming) -> Caller | None:
        """Return the caller; None for a trunk that the edge knows and the configuration does not.

        A phone may be known to the edge since a moment ago: call control decides whether there is such an extension.
        """
        if not self._edge:
            line = self._at(event)
            return Caller(line.line, heard(event.caller, line))
        if event.trunk:
            known = event.trunk in self._trunks
            caller, by = heard(event.asserted or event.caller), sent_here(event.redirecting)
            return Caller(str(LineAddress(TRUNK, event.trunk)), caller, by) if known else None
        if phone := self._extensions.get(event.phone):
            return Caller(phone.line, heard(event.caller, phone))
        known_as = replace(event.caller, number=event.phone, name="")
        return Caller(str(LineAddress(PHONE, event.phone)), heard(known_as)) if event.phone else None

    def _at(self, event: SipIncoming) -> ExtensionConfig:
        """Return the extension at a source: of several lines of one phone that share its address, the one in From."""
        lines = self._fixed[event.source_host, event.source_port]
        return lines.get(event.caller.number) or next(iter(lines.values()))


def _fixed(extensions: Sequence[ExtensionConfig]) -> dict[tuple[str, int], dict[str, ExtensionConfig]]:
    """Return the extensions by the address of their phone, then by the user in it."""
    phones: dict[tuple[str, int], dict[str, ExtensionConfig]] = {}
    for extension in extensions:
        if LineAddress.of(extension.line).scheme == SIP:
            address = SipAddress.parse(extension.line)
            phones.setdefault((address.host.strip("[]"), address.port), {})[address.user] = extension
    return phones
