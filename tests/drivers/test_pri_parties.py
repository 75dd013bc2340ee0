# SPDX-License-Identifier: GPL-2.0-or-later
"""Connected and redirecting parties: Connected, Redirection and Redirecting number (Q.951.5, Q.951.6, Q.952)."""

from collections.abc import Iterator

import pytest

from drivers.errors import PriError
from drivers.pri import PriLink
from drivers.pri_events import Alerting, Connect, Connected, PartyNumber, Presentation, PriEvent, Setup
from tests.drivers.lapd_peer import ALERTING, BEARER, CALLED, CONNECT, SETUP, LapdPeer, channel, message
from tests.drivers.pri_pair import Pair
from tests.drivers.pri_rig import hexa, talk

NOTIFY = 0x6E
TRANSFER_ACTIVE = "27 01 ea"  # Notification indicator (EN 300 369-1 9.2.4)


@pytest.fixture
def pair() -> Iterator[Pair]:
    pair = Pair().up()
    yield pair
    pair.net.close()
    pair.usr.close()


@pytest.fixture(params=["network", "user"])
def caller(request: pytest.FixtureRequest, pair: Pair) -> PriLink:
    return pair.net if request.param == "network" else pair.usr


def dialled(peer: LapdPeer) -> int:
    """A call of the link's own, of which the far end has heard."""
    call = peer.link.setup(1, "123")
    peer.pump()
    peer.messages.clear()
    return call


@pytest.mark.parametrize(
    "party",
    [
        PartyNumber("01088886602"),
        PartyNumber("+8610888866", type=1),
        PartyNumber("8002", presentation=Presentation.RESTRICTED),
        PartyNumber("", presentation=Presentation.RESTRICTED),
        PartyNumber("", presentation=Presentation.UNAVAILABLE),
        PartyNumber("1" * 31),
    ],
)
def test_connect_says_who_has_answered(pair: Pair, caller: PriLink, party: PartyNumber) -> None:
    call, far_call = pair.offer(caller)
    pair.far(caller).connect(far_call, connected=party)
    pair.exchange()
    assert pair.told[caller] == [Connected(call, party), Connect(call, 1, inband=False)]


def test_a_name_goes_from_the_network_to_the_user_only(pair: Pair) -> None:
    """Display is of the network (Q.931 table 3-4)."""
    names = {}
    for caller in (pair.usr, pair.net):
        _call, far_call = pair.offer(caller)
        pair.far(caller).connect(far_call, connected=PartyNumber("8002", "张伟"))
        pair.exchange()
        [told] = pair.of(caller, Connected)
        names[caller.side] = told.party.name
    assert names == {"user": "张伟", "network": ""}


def test_a_connected_number_that_is_none_is_an_error_and_the_call_can_be_answered(pair: Pair) -> None:
    call, far_call = pair.offer(pair.net)
    with pytest.raises(PriError, match="connected number 'reception'"):
        pair.usr.connect(far_call, connected=PartyNumber("reception"))
    pair.usr.connect(far_call)
    pair.exchange()
    assert pair.told[pair.net] == [Connect(call, 1, inband=False)]


@pytest.mark.parametrize(
    ("element", "party"),
    [
        ("4c 05 81 38303032", PartyNumber("8002")),  # without octet 3a
        ("4c 06 21 81 38303032", PartyNumber("8002", type=2)),
        ("4c 06 11 83 38363130", PartyNumber("+8610", type=1)),
        ("4c 06 01 a3 38303032", PartyNumber("8002", presentation=Presentation.RESTRICTED)),
        ("4c 02 00 a3", PartyNumber("", presentation=Presentation.RESTRICTED)),
        ("4c 02 00 c3", PartyNumber("", presentation=Presentation.UNAVAILABLE)),
        ("4c 05 81 38303032 4c 05 81 39393939", PartyNumber("8002")),  # the first counts (5.8.5.2)
        ("28 03 416e6e 4c 05 81 38303032", PartyNumber("8002", "Ann")),
    ],
)
@pytest.mark.parametrize("kind", [ALERTING, CONNECT])
def test_whoever_is_named_as_reached_is_told_first(peer: LapdPeer, kind: int, element: str, party: PartyNumber) -> None:
    call = dialled(peer)
    peer.send(message(0x8001, kind, channel(1), hexa(element)))
    event = Connect(call, 1, inband=False) if kind == CONNECT else Alerting(call, 1, inband=False)
    assert peer.link.events() == [Connected(call, party), event]


@pytest.mark.parametrize(
    "element",
    [
        "4c 00",
        "4c 01 01",  # octet 3 goes on
        "4c 02 01 01",
        "4c 06 01 81 38e43032",  # no IA5 digits
        "4c 06 01 81 38303061",
        "4c 22 01 81" + "31" * 32,  # more than any number has
        "96 4c 05 81 38303032",  # of another codeset
    ],
)
def test_a_connected_number_that_cannot_be_is_left_out_and_the_answer_counts(peer: LapdPeer, element: str) -> None:
    call = dialled(peer)
    peer.send(message(0x8001, CONNECT, channel(1), hexa(element)))
    assert peer.link.events() == [Connect(call, 1, inband=False)]
    talk(peer, 2)


def notified(peer: LapdPeer, reference: int, *elements: str) -> list[PriEvent]:
    peer.send(message(reference, NOTIFY, *map(hexa, elements)))
    return peer.link.events()


def test_a_notification_says_who_has_taken_over_the_call(peer: LapdPeer) -> None:
    call = dialled(peer)
    peer.send(message(0x8001, CONNECT, channel(1)))
    peer.link.events()
    peer.messages.clear()
    told = notified(peer, 0x8001, TRANSFER_ACTIVE, "76 06 21 81 38303033")
    assert told == [Connected(call, PartyNumber("8003", type=2))]
    assert notified(peer, 0x8001, "27 01 f9") == []  # remote hold
    assert peer.messages == []


@pytest.mark.parametrize("reason", [0, 1, 2, 4, 9, 10, 15])
@pytest.mark.parametrize("presentation", list(Presentation))
def test_setup_says_who_sent_the_call_on_and_why(
    pair: Pair, caller: PriLink, reason: int, presentation: Presentation
) -> None:
    party = PartyNumber("+8613800138000", "", presentation, 1, reason)
    pair.offer(caller, redirecting=party)
    [setup] = pair.of(pair.far(caller), Setup)
    assert setup.redirecting == party


@pytest.mark.parametrize(
    ("element", "party"),
    [
        ("74 05 81 38303031", PartyNumber("8001")),
        ("74 07 21 01 8f 38303031", PartyNumber("8001", type=2, reason=15)),
        ("74 07 21 01 82 38303031 74 07 21 01 8f 39393939", PartyNumber("8001", type=2, reason=2)),
        ("74 03 00 23 81", PartyNumber("", presentation=Presentation.RESTRICTED, reason=1)),
        ("74 08 21 01 02 80 38303031", PartyNumber("8001", type=2, reason=2)),  # an octet 3c to come
        ("74 01 01", None),
        ("74 06 21 01 8f 38ff31", None),
        ("74 00", None),
    ],
)
def test_a_redirecting_number_is_read_and_hinders_no_call(
    peer: LapdPeer, element: str, party: PartyNumber | None
) -> None:
    peer.send(message(1, SETUP, BEARER, channel(1), CALLED, hexa(element)))
    [setup] = peer.link.events()
    assert isinstance(setup, Setup)
    assert (setup.called, setup.redirecting) == ("123", party)
