# SPDX-License-Identifier: GPL-2.0-or-later
"""The whole box between an E1 and a carrier of SIP trunks that is not ours (kamailio with a configuration of its own):
the box registers there, calls go out by order and overflow, and come in."""

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from appliance.api.messages import Calls, CallsReply, Cdr, CdrReply, EdgeState, Ledger, LedgerReply, TrunkState
from appliance.config.model import OutgoingConfig, TrunkConfig, TrunkGroupConfig, TrunkRuleConfig
from hw_sim.baresip import free_port
from hw_sim.script import read_script
from tests.appliance.edge.house import House, count, registering, short_folder
from tests.appliance.edge.rig import DOMAIN
from tests.appliance.edge.test_whole_box import saw
from tests.drivers.sip_peers import read_wav, strongest_hz

CARRIER, HOST = "carrier.example", "127.0.0.50"
CONFIGURATION = Path(__file__).parents[2] / "data" / "kamailio" / "carrier.cfg"
FAR_NUMBER = "13900000001"
PHONE_HZ, FAR_HZ = 700.0, 1100.0


class Carrier:
    """The other side of the trunk."""

    def __init__(self, folder: Path) -> None:
        self.port, self._folder = free_port(), folder
        self._log = folder / "carrier.log"
        text = CONFIGURATION.read_text().replace("# LISTEN", f"listen=udp:{HOST}:{self.port}\n#", 1)
        (folder / "carrier.cfg").write_text(text)

    @contextlib.contextmanager
    def running(self) -> Iterator["Carrier"]:
        command = ["/usr/sbin/kamailio", "-f", str(self._folder / "carrier.cfg"), "-DD", "-E", "-Y", str(self._folder)]
        with self._log.open("wb") as log:
            process = subprocess.Popen([*command, "-m", "16", "-M", "4"], stdout=log, stderr=log)
        try:
            yield self
        finally:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()

    def log(self) -> str:
        return self._log.read_text(errors="replace")


TRUNK = TrunkConfig(
    name="voip", host=HOST, domain=CARRIER, user="box", password="secret-box", register=True, register_s=60
)


def house(folder: Path, carrier: Carrier) -> House:
    """A box with a phone 1001, an E1 that may carry one call, and a trunk of one call that comes after it."""
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


def test_a_registered_trunk_after_an_e1(tmp_path: Path) -> None:
    with (
        short_folder() as folder,
        Carrier(tmp_path).running() as carrier,
        house(folder, carrier) as box,
        box.phone(tmp_path, "1001", PHONE_HZ) as desk,
        registering(tmp_path, FAR_NUMBER, f"{HOST}:{carrier.port}", CARRIER, FAR_HZ, f"secret-{FAR_NUMBER}") as far,
    ):
        box.start()
        box.exchange.subscribe(FAR_NUMBER, read_script("alert; wait 0.2; answer; wait remote 120"))
        box.until(lambda: "registered box at" in carrier.log(), 20, "the box does not register")
        box.until(lambda: f"registered {FAR_NUMBER}" in carrier.log(), 10, "the subscriber does not register")
        box.wait_registered(desk)
        box.until(lambda: box.status().edge == EdgeState(True, 1, (TrunkState("voip", True, True),)), 5, "not told")
        # out: the E1 first, the trunk when it is full, nothing when that is full, too
        desk.command("dial", f"sip:0{FAR_NUMBER}@{DOMAIN}")
        box.until(lambda: count(desk, "CALL_ESTABLISHED") == 1, 15, "no call over the E1")
        assert [record.called for record in box.exchange.records] == [FAR_NUMBER]
        assert not saw(far, "CALL_INCOMING")
        desk.command("dial", f"sip:0{FAR_NUMBER}@{DOMAIN}")
        box.until(lambda: count(far, "CALL_ESTABLISHED") == 1, 15, "no call over the trunk")
        box.until(lambda: count(desk, "CALL_ESTABLISHED") == 2, 5, "the phone does not hear of it")
        assert f"call from box as 57501001 to {FAR_NUMBER}" in carrier.log()
        desk.command("dial", f"sip:0{FAR_NUMBER}@{DOMAIN}")
        box.until(lambda: count(desk, "CALL_CLOSED") == 1, 10, "a third call found a way")
        assert {leg.line for call in box.client.ask(Calls(), CallsReply).calls for leg in call.legs} == {
            "phone:1001",
            "pri:carrier",
            "trunk:voip",
        }
        box.run_s(1.5)
        far.command("hangup")
        box.until(lambda: count(desk, "CALL_CLOSED") == 2, 10, "the trunk's end does not reach the phone")
        desk.command("hangup")
        box.until(box.quiet, 10, "a call is left", every_s=0.2)
        # in: who is called stands in To, the caller is the carrier's word
        far.command("dial", f"sip:1001@{CARRIER}")
        box.until(lambda: count(far, "CALL_ESTABLISHED") == 2, 15, "no call comes in over the trunk")
        box.run_s(1.5)
        far.command("dial", f"sip:1001@{CARRIER}")
        box.until(lambda: count(far, "CALL_CLOSED") == 2, 15, "a second call came in over a trunk of one")
        far.command("hangup")
        box.until(box.quiet, 10, "a call is left", every_s=0.2)
        calls = box.client.ask(Cdr(limit=10), CdrReply).calls
        assert sorted((call.direction, call.disposition) for call in calls) == [
            ("in", "answered"),
            ("in", "rejected"),
            ("out", "answered"),
            ("out", "answered"),
            ("out", "failed"),
        ]
        came_in = next(call for call in calls if (call.direction, call.disposition) == ("in", "answered"))
        assert (came_in.caller, came_in.called) == (FAR_NUMBER, "1001")
        assert box.client.ask(Ledger(files=False), LedgerReply).balanced
    heard = [read_wav(each) for each in far.heard()]
    assert [strongest_hz(each[-8000:]) for each in heard] == [pytest.approx(PHONE_HZ, abs=4)] * 2
