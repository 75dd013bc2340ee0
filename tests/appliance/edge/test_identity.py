# SPDX-License-Identifier: GPL-2.0-or-later
"""Identities through the real edge: phones that withhold their number, numbers with parameters, redirections."""

import itertools
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from appliance.config.model import EdgeConfig, ExtensionConfig, SipConfig, TrunkConfig
from appliance.contract.switch import AnyEvent, Cleared, Dial, Incoming, Party, Presentation, Redirected
from appliance.switch.lines.sip.card import SipCard
from hw_sim.baresip import free_port
from tests.appliance.edge.rig import DOMAIN, Edge, End, Message
from tests.appliance.edge.rig import running as edge_running
from tests.appliance.switch.test_sip_card import Runner

CARRIER = "127.0.0.21"
TRUNK_PORT = free_port(kept=True)
TRUNK = f'---\n[[trunk]]\nname = "carrier"\nhost = "{CARRIER}"\nport = {TRUNK_PORT}\nuser = "box77"\npassword = "x"\n'
SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 22640 RTP/AVP 8\r\n"
ANONYMOUS = 'From: "Anonymous" <sip:anonymous@anonymous.invalid>;tag=a'


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with edge_running(tmp_path_factory.mktemp("edge"), f"wrong_passwords = 3\n{TRUNK}") as up:
        yield up


@contextmanager
def switch(edge: Edge) -> Iterator[Runner]:
    first = min(free_port() & ~1, 60000)
    sip = SipConfig(port=edge.switch_port, rtp_first=first, rtp_last=first + 80, calls=20)
    extensions = [ExtensionConfig(number=number, name=f"Phone {number}") for number in ("1001", "1002", "1003")]
    front = EdgeConfig(enabled=True, domain=DOMAIN, port=edge.port)
    evens = itertools.count(2, 2)
    with ExitStack() as stack:
        card = SipCard(sip, extensions, lambda: next(evens), [TrunkConfig(name="carrier", host=CARRIER)], front)
        stack.callback(card.close)
        yield Runner(card)


class Caller:
    """Calls the box from a phone or a trunk, and returns what the switch gets of it."""

    def __init__(self, box: Runner, end: End) -> None:
        self.box, self.end = box, end

    def comes(self, uri: str, *headers: str) -> Incoming:
        headers = (*headers, "Content-Type: application/sdp")
        self.end.send(self.end.request("INVITE", uri, *headers, body=SDP))
        self._answer_challenge(uri, *headers)
        return self.box.wait(Incoming)

    def _answer_challenge(self, uri: str, *headers: str) -> None:
        if self.end.here.startswith(CARRIER):
            return
        challenge = self.end.final()
        assert challenge.status == 407
        proof = self.end.proof(challenge, "INVITE", uri)
        self.end.send(self.end.request("INVITE", uri, *headers, proof, body=SDP, number=2))


@pytest.mark.parametrize(
    ("headers", "shown"),
    [
        ((ANONYMOUS, "Privacy: id"), Presentation.RESTRICTED),
        ((ANONYMOUS,), Presentation.RESTRICTED),
        (("Privacy: id",), Presentation.RESTRICTED),
        (("Privacy: user;id", "P-Preferred-Identity: <sip:1003@mxbox>"), Presentation.RESTRICTED),
        (("From: <sip:+862155550100@mxbox>;tag=a",), Presentation.ALLOWED),
        (("From: <sip:1003@mxbox>;tag=a", "P-Asserted-Identity: <sip:1003@mxbox>"), Presentation.ALLOWED),
        (("Privacy: none",), Presentation.ALLOWED),
    ],
)
def test_a_phone_is_whose_password_it_knows_and_may_withhold_its_number(
    edge: Edge, headers: tuple[str, ...], shown: Presentation
) -> None:
    with switch(edge) as box, End(edge, "1001") as phone:
        for _ in range(5):  # more than the allowed wrong passwords
            came = Caller(box, phone).comes(f"sip:2000@{DOMAIN}", *headers)
            assert (came.line, came.caller) == ("phone:1001", Party("1001", "Phone 1001", shown))
        assert phone.register().status == 200, "it is not taken for somebody who guesses"


def test_a_phone_registers_its_own_number_and_no_other(edge: Edge) -> None:
    with End(edge, "1001", "127.0.0.9") as phone:
        other = ("To: <sip:1002@mxbox>", f"Contact: <sip:1001@{phone.here}>", "Expires: 60")
        assert phone.ask("REGISTER", f"sip:{DOMAIN}", *other).status == 401


@pytest.mark.parametrize(
    ("uri", "headers", "called"),
    [
        ("sip:2155550100;phone-context=+86@box;user=phone", (), "+862155550100"),
        ("sip:021-5555-0100@box;user=phone", (), "02155550100"),
        ("tel:2155550100;phone-context=+86", (), "+862155550100"),
        ("sip:box77@box", ("P-Called-Party-ID: <sip:+862155550100@carrier;user=phone>",), "+862155550100"),
        ("sip:carrier@box", ("To: <tel:+862155550100>",), "+862155550100"),
    ],
)
def test_a_trunk_calls_a_number_in_any_form(edge: Edge, uri: str, headers: tuple[str, ...], called: str) -> None:
    with switch(edge) as box, End(edge, address=CARRIER) as trunk:
        came = Caller(box, trunk).comes(uri, *headers, "From: <tel:+86-138-0000-1111>;tag=a")
        assert (came.line, came.called, came.caller.number) == ("trunk:carrier", called, "+8613800001111")


@pytest.mark.parametrize("uri", ["sip:0%202000@mxbox", "sip:0(2000)@mxbox", "sip:0-2000@mxbox", "sip:0.2000@mxbox"])
def test_separators_in_what_a_phone_dials_are_no_digits(edge: Edge, uri: str) -> None:
    with switch(edge) as box, End(edge, "1001") as phone:
        assert Caller(box, phone).comes(uri).called == "02000"


def redirected(edge: Edge, *headers: str) -> list[AnyEvent]:
    """Call a registered phone, which answers 302 with these headers; return the switch's events."""
    with switch(edge) as box, End(edge, "1002") as phone:
        assert phone.register().status == 200
        box.card.execute(Dial(1, "phone:1002", "1002"), box.now)
        invite = _invited(box, phone)
        phone.respond(invite, "302 Moved Temporarily", *headers)
        box.until(lambda: any(isinstance(event, Cleared) for event in box.events))
        assert phone.register(0).status == 200
        return [event for event in box.events if isinstance(event, Redirected | Cleared)]


def _invited(box: Runner, phone: End) -> Message:
    for _ in range(500):
        box.tick()
        phone.socket.setblocking(False)
        try:
            message = phone.receive(0.001)
        except TimeoutError:
            continue
        if message.method == "INVITE":
            return message
    raise AssertionError("it was not called")


@pytest.mark.parametrize(
    ("headers", "first", "further"),
    [
        (("Contact: <sip:1003@mxbox>",), "1003", ()),
        (("Contact: <sip:1003@mxbox>;q=0.2, <sip:1001@mxbox>;q=0.9",), "1001", ("1003",)),
        (("Contact: <sip:1003@mxbox>;q=0.2", "m: <sip:1001@mxbox>;q=0.9"), "1001", ("1003",)),
        (("Contact: <tel:+86-21-5555-0100>",), "+862155550100", ()),
        (('Contact: "Bob, x" <sips:1003@mxbox:5061;transport=tcp>;expires=9',), "1003", ()),
    ],
)
def test_a_registered_phone_sends_the_caller_elsewhere(
    edge: Edge, headers: tuple[str, ...], first: str, further: tuple[str, ...]
) -> None:
    told = redirected(edge, *headers)
    assert told == [Redirected(1, first, further), Cleared(1, 23, connected=False)]


@pytest.mark.parametrize("headers", [(), ("Contact: <mailto:a@b>",)])
def test_a_redirection_that_leads_nowhere_is_as_nobody_there(edge: Edge, headers: tuple[str, ...]) -> None:
    assert redirected(edge, *headers) == [Cleared(1, 18, connected=False)]


def test_a_trunk_sends_a_call_elsewhere(edge: Edge) -> None:
    with switch(edge) as box, End(edge, address=CARRIER, port=TRUNK_PORT) as trunk:
        box.card.execute(Dial(1, "trunk:carrier", "5551234"), box.now)
        contacts = ("Contact: <sip:5550002@carrier>;q=0.5", "Contact: <tel:+86-21-5555-0100>")
        trunk.respond(_invited(box, trunk), "302 Moved Temporarily", *contacts)
        box.until(lambda: any(isinstance(event, Cleared) for event in box.events))
        assert box.events == [Redirected(1, "+862155550100", ("5550002",)), Cleared(1, 23, connected=False)]
