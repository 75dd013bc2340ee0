# SPDX-License-Identifier: GPL-2.0-or-later
"""The whole box between an E1 and a foreign carrier of SIP trunks (kamailio with a configuration of its own):
the box registers there, calls go out by order and overflow, and come in."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from appliance.api.messages import Calls, CallsReply, Cdr, CdrReply, Ledger, LedgerReply
from appliance.cli.main import main as mxbox
from appliance.config.model import OutgoingConfig, TrunkConfig, TrunkGroupConfig, TrunkRuleConfig
from appliance.contract.edge import EdgeState, TrunkState
from appliance.contract.switch import SpanState
from appliance.demo.stage import SWITCH
from hw_sim.baresip import BaresipPhone, free_port
from hw_sim.script import read_script
from tests.appliance.edge.house import House, count, registering, short_folder
from tests.appliance.edge.rig import DOMAIN
from tests.drivers.sip_peers import read_wav, strongest_hz

CARRIER, HOST = "carrier.example", "127.0.0.50"
CONFIGURATION = Path(__file__).parents[2] / "data" / "kamailio" / "carrier.cfg"
FAR_NUMBER = "13900000001"
PHONE_HZ, FAR_HZ = 700.0, 1100.0


class Carrier:
    """The other side of the trunk. `grants_s`: for how long it keeps a registration at most."""

    def __init__(self, folder: Path, grants_s: int = 3600) -> None:
        self.port, self._folder = free_port(), folder
        self._log = folder / "carrier.log"
        text = CONFIGURATION.read_text().replace("# LISTEN", f"listen=udp:{HOST}:{self.port}\n#", 1)
        text = text.replace('"max_expires", 3600', f'"max_expires", {grants_s}')
        (folder / "carrier.cfg").write_text(text)

    def start(self) -> None:
        command = ["/usr/sbin/kamailio", "-f", str(self._folder / "carrier.cfg"), "-DD", "-E", "-Y", str(self._folder)]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen([*command, "-m", "16", "-M", "4"], stdout=log, stderr=log)

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def log(self) -> str:
        return self._log.read_text(errors="replace")


TRUNK = TrunkConfig(
    name="voip", host=HOST, domain=CARRIER, user="box", password="secret-box", register=True, register_s=60
)


def house(folder: Path, carrier: Carrier) -> House:
    """Return a box with a phone 1001, an E1 that may carry one call, and a trunk of one call that comes after it."""
    return House(
        folder,
        ("1001",),
        trunk=(msgspec.structs.replace(TRUNK, port=carrier.port),),
        trunk_group=(TrunkGroupConfig(name="main", lines=("pri:carrier", "trunk:voip")),),
        outgoing=(OutgoingConfig(name="all", via=("main",)),),
        trunk_rule=(
            TrunkRuleConfig(line="pri:carrier", calls=1),
            TrunkRuleConfig(line="trunk:voip", calls=1, caller="57501001"),
        ),
    )


GRANTS_S = 10
AGAIN_S = 25.0
"""A registration is renewed before it ends, and tried again each 10 s if no answer comes for 5 s."""


@dataclass
class Scene:
    """The box between the two, a phone of its own and one of the carrier's."""

    box: House
    carrier: Carrier
    desk: BaresipPhone
    far: BaresipPhone

    def wait_registered(self) -> None:
        begin = time.monotonic()
        self.box.until(lambda: "registered box at" in self.carrier.log(), AGAIN_S, "the box does not register")
        print(f"registered {time.monotonic() - begin:.1f} s after the registrar was started")
        self.wait_shown(registered=True)

    def wait_shown(self, *, registered: bool) -> None:
        """Wait until the box's status shows it."""
        state = EdgeState(True, 1, (TrunkState("voip", True, registered),))
        self.box.until(lambda: dateless(self.box.status().edge) == state, 10, "not shown", every_s=0.2)


def dateless(edge: EdgeState | None) -> EdgeState | None:
    """Return the state without the times from which trunks are as they are; each has one."""
    if edge is None:
        return None
    assert all(each.since for each in edge.trunks)
    return msgspec.structs.replace(edge, trunks=tuple(msgspec.structs.replace(each, since=0) for each in edge.trunks))


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Start the carrier after the box has tried in vain to register."""
    path = tmp_path_factory.mktemp("trunks")
    carrier = Carrier(path, GRANTS_S)
    with contextlib.ExitStack() as stack:
        box = stack.enter_context(house(stack.enter_context(short_folder()), carrier))
        desk = stack.enter_context(box.phone(path, "1001", PHONE_HZ))
        box.start()
        box.wait_registered(desk)
        at = f"{HOST}:{carrier.port}"
        far = registering(path, FAR_NUMBER, at, CARRIER, FAR_HZ, f"secret-{FAR_NUMBER}")
        up = Scene(box, carrier, desk, far)
        up.wait_shown(registered=False)
        carrier.start()
        stack.callback(carrier.stop)
        up.wait_registered()
        stack.enter_context(far)
        box.until(lambda: f"registered {FAR_NUMBER}" in carrier.log(), 10, "the subscriber does not register")
        yield up


def test_a_registered_trunk_after_an_e1(scene: Scene) -> None:
    scene.box.exchange.subscribe(FAR_NUMBER, read_script("alert; wait 0.2; answer; wait remote 120"))
    # out: the E1 first, the trunk when it is full, nothing when that is full, too
    scene.desk.command("dial", f"sip:0{FAR_NUMBER}@{DOMAIN}")
    scene.box.until(lambda: count(scene.desk, "CALL_ESTABLISHED") == 1, 15, "no call over the E1")
    assert [record.called for record in scene.box.exchange.records] == [FAR_NUMBER]
    assert not count(scene.far, "CALL_INCOMING")
    scene.desk.command("dial", f"sip:0{FAR_NUMBER}@{DOMAIN}")
    scene.box.until(lambda: count(scene.far, "CALL_ESTABLISHED") == 1, 15, "no call over the trunk")
    scene.box.until(lambda: count(scene.desk, "CALL_ESTABLISHED") == 2, 5, "the phone does not hear of it")
    assert f"call from box as 57501001 to {FAR_NUMBER}" in scene.carrier.log()
    scene.desk.command("dial", f"sip:0{FAR_NUMBER}@{DOMAIN}")
    scene.box.until(lambda: count(scene.desk, "CALL_CLOSED") == 1, 10, "a third call found a way")
    assert {leg.line for call in scene.box.client.ask(Calls(), CallsReply).calls for leg in call.legs} == {
        "phone:1001",
        "pri:carrier",
        "trunk:voip",
    }
    scene.box.run_s(1.5)
    scene.far.command("hangup")
    scene.box.until(lambda: count(scene.desk, "CALL_CLOSED") == 2, 10, "the trunk's end does not reach the phone")
    scene.desk.command("hangup")
    scene.box.until(scene.box.quiet, 10, "a call is left", every_s=0.2)
    # in: the called user is in To, the caller is the carrier's
    scene.far.command("dial", f"sip:1001@{CARRIER}")
    scene.box.until(lambda: count(scene.far, "CALL_ESTABLISHED") == 2, 15, "no call comes in over the trunk")
    scene.box.run_s(1.5)
    scene.far.command("dial", f"sip:1001@{CARRIER}")
    scene.box.until(lambda: count(scene.far, "CALL_CLOSED") == 2, 15, "a second call came in over a trunk of one")
    scene.far.command("hangup")
    scene.box.until(scene.box.quiet, 10, "a call is left", every_s=0.2)
    calls = scene.box.client.ask(Cdr(limit=10), CdrReply).calls
    assert sorted((call.direction, call.disposition) for call in calls) == [
        ("in", "answered"),
        ("in", "rejected"),
        ("out", "answered"),
        ("out", "answered"),
        ("out", "failed"),
    ]
    came_in = next(call for call in calls if (call.direction, call.disposition) == ("in", "answered"))
    assert (came_in.caller, came_in.called) == (FAR_NUMBER, "1001")
    assert scene.box.client.ask(Ledger(files=False), LedgerReply).balanced
    heard = [read_wav(each) for each in scene.far.heard()]
    assert [strongest_hz(each[-8000:]) for each in heard] == [pytest.approx(PHONE_HZ, abs=4)] * 2


def both_talk(scene: Scene, more: tuple[int, int], why: str) -> None:
    """Wait until phone and subscriber have more calls than `more`: baresip 1.1 hangs up no unanswered call."""
    scene.box.until(
        lambda: count(scene.desk, "CALL_ESTABLISHED") > more[0] and count(scene.far, "CALL_ESTABLISHED") > more[1],
        20,
        why,
    )


def talks(scene: Scene) -> tuple[int, int]:
    return count(scene.desk, "CALL_ESTABLISHED"), count(scene.far, "CALL_ESTABLISHED")


def goes_by_the_trunk(scene: Scene) -> None:
    """Call outside from the phone; the carrier's subscriber must ring."""
    before, on_e1 = talks(scene), len(scene.box.exchange.records)
    begin = time.monotonic()
    scene.desk.command("dial", f"sip:0{FAR_NUMBER}@{DOMAIN}")
    both_talk(scene, before, "no call over the trunk")
    print(f"answered over the trunk after {time.monotonic() - begin:.1f} s")
    assert len(scene.box.exchange.records) == on_e1
    scene.desk.command("hangup")
    scene.box.until(scene.box.quiet, 10, "a call is left", every_s=0.2)


def in_service(span: SpanState) -> bool:
    return span.in_service


def span_in_service(scene: Scene) -> None:
    scene.box.until(lambda: in_service(scene.box.status().spans[0]), 30, "the span does not come back", every_s=0.1)
    scene.box.settle()


def test_calls_go_by_the_trunk_while_the_e1_is_cut(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    scene.box.exchange.cut(1, 3.0)
    scene.box.until(lambda: scene.box.status().spans[0].alarms == ("RED",), 5, "no alarm", every_s=0.1)
    assert mxbox(["route", "test", "1001", f"0{FAR_NUMBER}", "--socket", str(scene.box.paths.control_socket)]) == 0
    said = capsys.readouterr().out
    assert "pri:carrier has no span in service: passed over" in said
    assert f"1. trunk:voip: {FAR_NUMBER}" in said
    goes_by_the_trunk(scene)
    span_in_service(scene)


def test_calls_go_by_the_trunk_while_nobody_answers_on_the_d_channel(scene: Scene) -> None:
    """The line is whole: only the call shows that the far end's D channel is dead."""
    scene.box.exchange.cut_d(1, 12.0)
    assert in_service(scene.box.status().spans[0])
    goes_by_the_trunk(scene)


def test_the_box_registers_anew_where_its_registrar_has_forgotten_it(scene: Scene) -> None:
    scene.carrier.stop()
    scene.carrier.start()
    scene.wait_registered()
    before = talks(scene)
    scene.far.command("dial", f"sip:1001@{CARRIER}")
    both_talk(scene, before, "no call comes in")
    scene.far.command("hangup")
    scene.box.until(scene.box.quiet, 10, "a call is left", every_s=0.2)


def test_a_carrier_too_is_told_of_a_killed_switch(scene: Scene) -> None:
    before, over = talks(scene), count(scene.far, "CALL_CLOSED")
    scene.far.command("dial", f"sip:1001@{CARRIER}")
    both_talk(scene, before, "no call comes in")
    scene.box.run_s(0.5)
    pid = scene.box.children.pid(SWITCH)
    assert pid
    begin, at_desk = time.monotonic(), count(scene.desk, "CALL_CLOSED")
    os.kill(pid, signal.SIGKILL)
    scene.box.until(lambda: count(scene.far, "CALL_CLOSED") > over, 15, "the carrier is not told")
    scene.box.until(lambda: count(scene.desk, "CALL_CLOSED") > at_desk, 15, "the phone is not told")
    print(f"both ends are free {time.monotonic() - begin:.1f} s after the switch was killed")
