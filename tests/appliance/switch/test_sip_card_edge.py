# SPDX-License-Identifier: GPL-2.0-or-later
"""The SIP card behind the real edge: baresip registers, calls and is called, holds, transfers; media meet directly."""

import itertools
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from appliance.config.model import EdgeConfig, ExtensionConfig, SipConfig
from appliance.contract.switch import (
    Answer,
    Answered,
    Cause,
    Clear,
    Cleared,
    Dial,
    Held,
    Incoming,
    Key,
    Party,
    Resumed,
    SignalMessage,
    Transferred,
    TransferWanted,
)
from appliance.switch.lines.sip.card import SipCard
from hw_sim.baresip import BaresipPhone, PhoneOptions, free_port
from tests.appliance.edge.rig import DOMAIN, Edge, password, until
from tests.appliance.edge.rig import running as edge_running
from tests.appliance.switch.test_sip_card import PHONE_SAYS_HZ, Runner
from tests.drivers.sip_peers import write_tone


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with edge_running(tmp_path_factory.mktemp("edge")) as up:
        yield up


@contextmanager
def box_and_phones(
    edge: Edge, folder: Path, *numbers: str, encrypts: bool = False
) -> Iterator[tuple[Runner, list[BaresipPhone]]]:
    first = min(free_port() & ~1, 60000)
    sip = SipConfig(port=edge.switch_port, rtp_first=first, rtp_last=first + 40, calls=4)
    extensions = [ExtensionConfig(number=number, line=f"phone:{number}") for number in numbers]
    front = EdgeConfig(enabled=True, domain=DOMAIN, port=edge.port)
    evens = itertools.count(2, 2)
    says = write_tone(folder / "says.wav", PHONE_SAYS_HZ)
    with ExitStack() as stack:
        card = SipCard(sip, extensions, lambda: next(evens), (), front)
        stack.callback(card.close)
        phones = []
        for number in numbers:
            registrar = f"sip:127.0.0.1:{edge.port}"
            options = PhoneOptions(number, says=says, registrar=registrar, password=password(number), encrypts=encrypts)
            phones.append(stack.enter_context(BaresipPhone(folder / number, options)))
            log = folder / number / "baresip.log"
            until(lambda log=log: "200 OK" in log.read_text())  # type: ignore[misc]
        yield Runner(card), phones


def test_a_registered_phone_calls_holds_transfers_and_is_cleared(edge: Edge, tmp_path: Path) -> None:
    with box_and_phones(edge, tmp_path, "1001") as (box, (desk,)):
        desk.command("dial", f"sip:95588@{DOMAIN}")
        came = box.wait(Incoming)
        assert (came.line, came.called, came.caller.number) == ("phone:1001", "95588", "1001")
        box.card.execute(Answer(came.leg), box.now)
        box.until(lambda: "CALL_ESTABLISHED" in desk.poll())
        box.run(0.8)
        row = box.card.row(came.leg)
        assert row is not None
        assert box.hears(row, 0.4) == pytest.approx(PHONE_SAYS_HZ, abs=4)
        desk.press("7")
        assert box.wait(Key).key == "7"
        desk.command("hold")
        assert box.wait(Held) == Held(came.leg)
        desk.command("resume")
        assert box.wait(Resumed) == Resumed(came.leg)
        desk.command("transfer", f"sip:1002@{DOMAIN}")
        assert box.wait(TransferWanted) == TransferWanted(came.leg, "1002")
        box.card.execute(Transferred(came.leg, ok=True), box.now)
        box.until(
            lambda: any("SIP/2.0 200 OK\r\n" in each.text.partition("\r\n\r\n")[2] for each in seen(box, came.leg))
        )
        box.card.execute(Clear(came.leg), box.now)
        assert box.wait(Cleared) == Cleared(came.leg, Cause.NORMAL_CLEARING)
        box.until(lambda: "CALL_CLOSED" in desk.poll())


def seen(box: Runner, leg: int) -> list[SignalMessage]:
    return list(box.card.trace(leg))


@pytest.mark.parametrize("encrypts", [False, True])
def test_a_registered_phone_is_called_and_hangs_up(edge: Edge, tmp_path: Path, encrypts: bool) -> None:
    """One that takes nothing but SRTP refuses the first call (488) and gets another, without any further event."""
    with box_and_phones(edge, tmp_path, "1002", encrypts=encrypts) as (box, (desk,)):
        box.card.execute(Dial(1, "phone:1002", "1002", Party("02088881111", "李")), 0)
        assert box.wait(Answered) == Answered(1)
        box.until(lambda: "CALL_ESTABLISHED" in desk.poll())
        box.run(0.8)
        assert ("RTP/SAVP" in "".join(each.text for each in seen(box, 1))) == encrypts
        row = box.card.row(1)
        assert row is not None
        assert box.hears(row, 0.4) == pytest.approx(PHONE_SAYS_HZ, abs=4)
        desk.command("hangup")
        assert box.wait(Cleared) == Cleared(1, Cause.NORMAL_CLEARING)


def test_a_phone_that_is_not_registered_is_cleared_as_such(edge: Edge, tmp_path: Path) -> None:
    with box_and_phones(edge, tmp_path) as (box, _none):
        box.card.execute(Dial(1, "phone:1003", "1003"), 0)
        assert box.wait(Cleared) == Cleared(1, Cause.NO_USER_RESPONDING, connected=False)
