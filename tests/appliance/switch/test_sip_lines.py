# SPDX-License-Identifier: GPL-2.0-or-later
"""Lines to addresses and sources to lines, with an edge and without."""

import pytest

from appliance.config.model import EdgeConfig, ExtensionConfig, TrunkConfig
from appliance.contract.switch import Party, Presentation
from appliance.switch.lines.sip.lines import SipLines
from drivers.errors import SipAddressError
from drivers.sip import SipIncoming, SipParty

EDGE = EdgeConfig(enabled=True, domain="box.example", port=5060)
PHONES = (
    ExtensionConfig(number="1001", line="phone:1001", name="Ann"),
    ExtensionConfig(number="1002", line="sip:1002@192.0.2.7:5062"),
)
TRUNKS = (
    TrunkConfig(name="carrier", host="192.0.2.1"),
    TrunkConfig(name="branch", host="192.0.2.2", port=5080, transport="tcp", domain="branch.example"),
)


def came(phone: str = "", trunk: str = "", asserted: SipParty | None = None) -> SipIncoming:
    said = SipParty("99999", "Says Anything")
    return SipIncoming(1, 0, "2000", said, "id", "127.0.0.1", 5060, phone=phone, trunk=trunk, asserted=asserted)


def test_with_an_edge_only_the_edge_speaks_and_says_who_calls() -> None:
    lines = SipLines(PHONES, TRUNKS, EDGE)
    assert lines.proxy == "127.0.0.1:5060"
    assert lines.may_speak("127.0.0.1", 5060)
    assert not lines.may_speak("127.0.0.1", 5061)
    assert not lines.may_speak("192.0.2.7", 5062)
    caller = lines.caller(came(phone="1001"))
    assert caller is not None
    assert (caller.line, caller.party) == ("phone:1001", Party("1001", "Ann")), "a phone is not who it says it is"
    trunk = lines.caller(came(trunk="carrier", asserted=SipParty("0208765", "", private=True)))
    assert trunk is not None
    assert (trunk.line, trunk.party) == ("trunk:carrier", Party("0208765", "", Presentation.RESTRICTED))
    new = lines.caller(came(phone="7777"))
    assert new is not None
    assert (new.line, new.party) == ("phone:7777", Party("7777"))
    assert lines.caller(came(trunk="nobody")) is None
    assert lines.caller(came()) is None


def test_without_an_edge_headers_say_nothing() -> None:
    lines = SipLines(PHONES, TRUNKS)
    assert lines.proxy == ""
    assert lines.may_speak("192.0.2.7", 5062)
    assert not lines.may_speak("127.0.0.1", 5060)
    claim = SipIncoming(1, 0, "2000", SipParty("1002"), "id", "192.0.2.7", 5062, phone="1001", trunk="carrier")
    caller = lines.caller(claim)
    assert caller is not None
    assert caller.line == "sip:1002@192.0.2.7:5062"
    for line in ("phone:1001", "trunk:carrier"):
        with pytest.raises(SipAddressError, match="needs the edge"):
            lines.way(line, "2000")


@pytest.mark.parametrize(
    ("line", "to", "through_proxy", "trunk"),
    [
        ("phone:1001", "sip:1001@box.example:5060", True, False),
        ("trunk:carrier", "sip:13800138000@192.0.2.1:5060", True, True),
        ("trunk:branch", "sip:13800138000@branch.example:5080;transport=tcp", True, True),
        ("sip:1002@192.0.2.7:5062", "sip:1002@192.0.2.7:5062", False, False),
    ],
)
def test_each_line_has_its_way(line: str, to: str, through_proxy: bool, trunk: bool) -> None:
    lines = SipLines(PHONES, TRUNKS, EDGE)
    way = lines.way(line, "13800138000")
    assert lines.takes(line)
    assert (str(way.to), way.through_proxy, way.trunk is not None) == (to, through_proxy, trunk)


def test_there_is_no_other_trunk() -> None:
    lines = SipLines(PHONES, TRUNKS, EDGE)
    with pytest.raises(SipAddressError, match="no trunk other"):
        lines.way("trunk:other", "1")
    assert not lines.takes("pri:carrier")
