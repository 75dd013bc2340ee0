# SPDX-License-Identifier: GPL-2.0-or-later
"""Connected and redirecting parties, through PJSIP and the card: responses, UPDATE, re-INVITE, Diversion."""

import re
from collections.abc import Iterator

import pytest

from appliance.contract.switch import (
    Alert,
    Answer,
    Answered,
    ConnectedParty,
    Dial,
    Party,
    Presentation,
    Redirecting,
    RedirectReason,
    Show,
)
from tests.appliance.switch.test_sip_card import Runner, running
from tests.appliance.switch.test_sip_identity import SDP, Trunk

RESTRICTED = Presentation.RESTRICTED
HIDDEN = Party("57501001", "Ann", RESTRICTED)
LINES = {"carrier": "trunk:carrier", "friend": "trunk:friend", "phone": "phone:1001"}


class FarEnd(Trunk):
    """It is called, answers, and asks within the call."""

    def __init__(self) -> None:
        super().__init__()
        self.came: list[str] = []
        self._cseq = 10

    def wait(self, box: Runner, begins: str) -> str:
        """The next message that begins so."""

        def found() -> bool:
            self.came += self.receive()
            return any(text.startswith(begins) for text in self.came)

        box.until(found)
        message = next(text for text in self.came if text.startswith(begins))
        self.came.remove(message)
        return message

    def called(self, box: Runner, dial: Dial) -> str:
        self.at(box)
        box.card.execute(dial, box.now)
        return self.wait(box, "INVITE")

    def respond(self, invite: str, status: str, *headers: str, sdp: bytes = b"") -> None:
        kept = [each for each in invite.split("\r\n") if each.startswith(("Via:", "From:", "Call-ID:", "CSeq:"))]
        kept.append(f"{said(invite, 'To')};tag=far")
        more = [f"Contact: <sip:{self.here}>", "Allow: INVITE, UPDATE, BYE", f"Content-Length: {len(sdp)}"]
        kind = ["Content-Type: application/sdp"] if sdp else []
        self.send("\r\n".join([f"SIP/2.0 {status}", *kept, *headers, *kind, *more, "", ""]).encode("latin-1") + sdp)

    def ask(self, invite: str, method: str, *headers: str, sdp: bytes = b"") -> None:
        """Send a request of the called phone."""
        self._cseq += 1
        ours = said(invite, "From").partition(":")[2]
        theirs = said(invite, "To").partition(":")[2]
        uri = re.search(r"^Contact:.*<([^>]+)>", invite, re.MULTILINE)
        assert uri
        lines = [
            f"{method} {uri[1]} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.here};branch=z9hG4bKa{self._cseq};rport",
            f"From:{theirs};tag=far",
            f"To:{ours}",
            said(invite, "Call-ID"),
            f"CSeq: {self._cseq} {method}",
            f"Contact: <sip:{self.here}>",
            "Max-Forwards: 70",
            *headers,
            *(["Content-Type: application/sdp"] if sdp else []),
            f"Content-Length: {len(sdp)}",
        ]
        self.send("\r\n".join([*lines, "", ""]).encode() + sdp)


def said(message: str, name: str) -> str:
    return next(line for line in message.split("\r\n") if line.startswith(f"{name}:"))


def identity(message: str) -> list[str]:
    return [line for line in message.split("\r\n") if line.startswith(("P-Asserted-Identity:", "Privacy:"))]


@pytest.fixture
def far() -> Iterator[FarEnd]:
    made = FarEnd()
    yield made
    made.socket.close()


@pytest.fixture
def box(far: FarEnd) -> Iterator[Runner]:
    with running("phone:1001", edge_port=far.port) as made:
        yield made


def parties(box: Runner) -> list[Party]:
    return [event.party for event in box.events if isinstance(event, ConnectedParty)]


def talk(far: FarEnd, box: Runner, line: str, *headers: str) -> str:
    """A call to a line that is answered with these headers."""
    invite = far.called(box, Dial(1, line, "2000", Party("57501001", "Ann")))
    far.respond(invite, "200 OK", *headers, sdp=SDP)
    box.until(lambda: Answered(1) in box.events)
    return invite


# --- what the far end says --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["P-Asserted-Identity", "Remote-Party-ID"])
def test_a_trunk_is_believed_who_rings_and_who_answers(far: FarEnd, box: Runner, name: str) -> None:
    invite = far.called(box, Dial(1, "trunk:carrier", "2000"))
    far.respond(invite, "180 Ringing", f'{name}: "\xc0\xee" <sip:+861380000@x>')
    box.until(lambda: bool(parties(box)))
    far.respond(invite, "183 Session Progress", f"{name}: <tel:+861380000>", sdp=SDP)
    far.respond(invite, "200 OK", f'{name}: "Wu" <sip:+861390000@x>', sdp=SDP)
    box.until(lambda: any(isinstance(event, Answered) for event in box.events))
    told = [event for event in box.events if isinstance(event, ConnectedParty | Answered)]
    assert told[0] == ConnectedParty(1, Party("+861380000", "李"))
    assert told[-2:] == [ConnectedParty(1, Party("+861390000", "Wu")), Answered(1)]


@pytest.mark.parametrize("privacy", ["id", "user;id", "header", "full"])
def test_a_number_that_is_withheld_is_told_so(far: FarEnd, box: Runner, privacy: str) -> None:
    talk(far, box, "trunk:carrier", "P-Asserted-Identity: <tel:+861380000>", f"Privacy: {privacy}")
    assert parties(box) == [Party("+861380000", "", RESTRICTED)]


def test_a_phone_is_its_extension_whatever_it_says_and_may_withhold_its_number(far: FarEnd, box: Runner) -> None:
    talk(far, box, "phone:1001", 'P-Asserted-Identity: "The Boss" <sip:8000@x>')
    assert parties(box) == []


def test_a_phone_may_withhold_its_number(far: FarEnd, box: Runner) -> None:
    talk(far, box, "phone:1001", "Privacy: id")
    assert parties(box) == [Party(presentation=RESTRICTED)]


@pytest.mark.parametrize(("method", "sdp"), [("UPDATE", b""), ("UPDATE", SDP), ("INVITE", SDP)])
def test_in_a_talk_a_trunk_says_who_is_there_now(far: FarEnd, box: Runner, method: str, sdp: bytes) -> None:
    invite = talk(far, box, "trunk:carrier")
    assert parties(box) == []
    far.ask(invite, method, 'P-Asserted-Identity: "Wu" <sip:+861390000@x>', sdp=sdp)
    assert far.wait(box, "SIP/2.0 200")
    assert parties(box) == [Party("+861390000", "Wu")]
    far.ask(invite, method, "P-Asserted-Identity: <tel:1>", "P-Asserted-Identity: nonsense", "Privacy: id", sdp=sdp)
    assert far.wait(box, "SIP/2.0 200")
    assert parties(box)[1:] == [Party("1", "", RESTRICTED)]


def test_a_request_that_names_nobody_changes_nothing(far: FarEnd, box: Runner) -> None:
    invite = talk(far, box, "trunk:carrier", "P-Asserted-Identity: <tel:1>")
    far.ask(invite, "UPDATE")
    assert far.wait(box, "SIP/2.0 200")
    assert parties(box) == [Party("1")]


# --- what it is told --------------------------------------------------------------------------------------------------


def test_a_trunk_hears_who_rings_and_who_answers(far: FarEnd, box: Runner) -> None:
    leg = far.comes(box).leg
    box.card.execute(Show(leg, Party("8001", "Ann")), box.now)
    box.card.execute(Alert(leg), box.now)
    assert identity(far.wait(box, "SIP/2.0 180")) == ['P-Asserted-Identity: "Ann" <sip:8001@box.example>']
    box.card.execute(Show(leg, Party("8002", "Bob")), box.now)
    box.card.execute(Answer(leg), box.now)
    assert identity(far.wait(box, "SIP/2.0 200")) == ['P-Asserted-Identity: "Bob" <sip:8002@box.example>']


def test_one_who_rang_and_withheld_its_number_hides_none_who_answers(far: FarEnd, box: Runner) -> None:
    leg = far.comes(box, b"X-MXBox-Trunk: friend").leg
    box.card.execute(Show(leg, HIDDEN), box.now)
    box.card.execute(Alert(leg), box.now)
    assert sorted(identity(far.wait(box, "SIP/2.0 180")))[1:] == ["Privacy: id"]
    box.card.execute(Show(leg, Party("8002", "Bob")), box.now)
    box.card.execute(Answer(leg), box.now)
    assert identity(far.wait(box, "SIP/2.0 200")) == ['P-Asserted-Identity: "Bob" <sip:8002@box.example>']


@pytest.mark.parametrize("kind", ["carrier", "friend", "phone"])
def test_in_a_talk_phones_and_trusted_trunks_hear_who_is_there_now(far: FarEnd, box: Runner, kind: str) -> None:
    talk(far, box, LINES[kind])
    box.card.execute(Show(1, Party("8002", "Bob")), box.now)
    if kind == "carrier":
        box.run(0.3)
        assert not [text for text in [*far.came, *far.receive()] if text.startswith("UPDATE")]
    else:
        assert identity(far.wait(box, "UPDATE")) == ['P-Asserted-Identity: "Bob" <sip:8002@box.example>']


def test_a_withheld_number_goes_marked_to_a_trusted_trunk(far: FarEnd, box: Runner) -> None:
    talk(far, box, "trunk:friend")
    box.card.execute(Show(1, HIDDEN), box.now)
    assert sorted(identity(far.wait(box, "UPDATE"))) == [
        'P-Asserted-Identity: "Ann" <sip:57501001@box.example>',
        "Privacy: id",
    ]


def test_a_phone_shows_that_somebody_who_withholds_his_number_is_there(far: FarEnd, box: Runner) -> None:
    talk(far, box, "phone:1001")
    box.card.execute(Show(1, HIDDEN), box.now)
    shown = identity(far.wait(box, "UPDATE"))
    assert shown == ['P-Asserted-Identity: "Anonymous" <sip:anonymous@anonymous.invalid>']


def test_a_trunk_that_is_not_trusted_hears_nothing_of_a_withheld_number(far: FarEnd, box: Runner) -> None:
    leg = far.comes(box).leg
    box.card.execute(Show(leg, HIDDEN), box.now)
    box.card.execute(Answer(leg), box.now)
    assert "57501001" not in far.wait(box, "SIP/2.0 200")


# --- who sent a call on -----------------------------------------------------------------------------------------------


def test_who_sent_a_call_on_is_told_with_it(far: FarEnd, box: Runner) -> None:
    came = far.comes(box, b'Diversion: "\xc0\xee" <sip:13800001111@x>;reason=no-answer')
    assert came.redirecting == Redirecting(Party("13800001111", "李"), RedirectReason.NO_ANSWER)
    assert far.comes(box).redirecting is None


@pytest.mark.parametrize("kind", ["carrier", "friend", "phone"])
@pytest.mark.parametrize("presentation", [Presentation.ALLOWED, RESTRICTED])
def test_who_sent_a_call_on_is_said_in_the_invite(
    far: FarEnd, box: Runner, kind: str, presentation: Presentation
) -> None:
    by = Redirecting(Party("57501002", "Bob", presentation), RedirectReason.UNCONDITIONAL)
    invite = far.called(box, Dial(1, LINES[kind], "2000", Party("57501001"), by))
    if presentation is RESTRICTED and kind != "friend":
        assert "57501002" not in invite
    else:
        privacy = "full" if presentation is RESTRICTED else "off"
        value = f'Diversion: "Bob" <sip:57501002@box.example>;reason=unconditional;privacy={privacy};counter=1'
        assert value in invite
