# SPDX-License-Identifier: GPL-2.0-or-later
"""The whole box between an E1 and a carrier of SIP trunks that is not ours (kamailio with a configuration of its own):
the box registers there, calls go out by order and overflow, and come in."""

import contextlib
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.api.messages import Calls, CallsReply, Cdr, CdrReply, Ledger, LedgerReply
from appliance.children import Children
from appliance.cli.run import modules
from appliance.cli.stage import Stage
from appliance.config.model import (
    BoxConfig,
    EdgeConfig,
    ExtensionConfig,
    OutgoingConfig,
    SipConfig,
    TrunkConfig,
    TrunkGroupConfig,
    TrunkRuleConfig,
)
from appliance.store.phones import PhoneBook
from hw_sim.baresip import BaresipPhone, PhoneOptions, free_port
from hw_sim.script import read_script
from tests.appliance.edge.rig import DOMAIN, password
from tests.appliance.edge.test_whole_box import saw
from tests.drivers.sip_peers import read_wav, strongest_hz, write_tone

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


class House(Stage):
    """A stage whose box has an edge, a phone 1001, an E1 that may carry one call, and a trunk that comes after it."""

    def __init__(self, folder: Path, carrier: Carrier) -> None:
        first = min(free_port() & ~1, 60000)
        self.edge_port = free_port()
        config = BoxConfig(
            language="en",
            sip=SipConfig(port=free_port(), rtp_first=first, rtp_last=first + 98, calls=20),
            edge=EdgeConfig(enabled=True, port=self.edge_port, tls=False, link_port=free_port(), requests_per_s=1000),
            extension=(ExtensionConfig(number="1001", line="phone:1001"),),
            trunk=(
                TrunkConfig(
                    name="voip",
                    host=HOST,
                    port=carrier.port,
                    domain=CARRIER,
                    user="box",
                    password="secret-box",
                    register=True,
                    register_s=60,
                ),
            ),
            trunk_group=(TrunkGroupConfig(name="main", lines=("pri:carrier", "trunk:voip")),),
            outgoing=(OutgoingConfig(name="all", via=("main",)),),
            trunk_rule=(
                TrunkRuleConfig(line="pri:carrier", calls=1),
                TrunkRuleConfig(line="trunk:voip", calls=1, caller="57501001"),
            ),
        )
        super().__init__(folder, config, {})

    def _box(self) -> Children:
        return Children(modules(self.config), self.file, lambda *told: self.told.append(told))

    def write(self) -> None:
        super().write()
        with PhoneBook(self.paths.state / "edge.db") as book:
            book.add("1001", DOMAIN, 1, password("1001"))


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="mx") as made:  # short: Unix sockets
        yield Path(made)


def _phone(folder: Path, number: str, port: int, host: str, domain: str, says_hz: float, secret: str) -> BaresipPhone:
    says = write_tone(folder / f"{number}.wav", says_hz)
    options = PhoneOptions(number, says=says, registrar=f"sip:{host}:{port}", domain=domain, password=secret)
    return BaresipPhone(folder / number, options)


def _count(phone: BaresipPhone, event: str) -> int:
    phone.poll()
    return sum(each["type"] == event for each in phone.events)


def test_a_registered_trunk_after_an_e1(folder: Path, tmp_path: Path) -> None:
    with (
        Carrier(tmp_path).running() as carrier,
        House(folder, carrier) as box,
        _phone(tmp_path, "1001", box.edge_port, "127.0.0.1", DOMAIN, PHONE_HZ, password("1001")) as desk,
        _phone(tmp_path, FAR_NUMBER, carrier.port, HOST, CARRIER, FAR_HZ, f"secret-{FAR_NUMBER}") as far,
    ):
        box.start()
        box.exchange.subscribe(FAR_NUMBER, read_script("alert; wait 0.2; answer; wait remote 120"))
        box.until(lambda: "registered box at" in carrier.log(), 20, "the box does not register")
        box.until(lambda: f"registered {FAR_NUMBER}" in carrier.log(), 10, "the subscriber does not register")
        log = tmp_path / "1001" / "baresip.log"
        box.until(lambda: "200 OK (MXBox)" in log.read_text(), 70, "the phone does not register", every_s=0.2)
        # out: the E1 first, the trunk when it is full, nothing when that is full, too
        desk.command("dial", f"sip:0{FAR_NUMBER}@{DOMAIN}")
        box.until(lambda: _count(desk, "CALL_ESTABLISHED") == 1, 15, "no call over the E1")
        assert [record.called for record in box.exchange.records] == [FAR_NUMBER]
        assert not saw(far, "CALL_INCOMING")
        desk.command("dial", f"sip:0{FAR_NUMBER}@{DOMAIN}")
        box.until(lambda: _count(far, "CALL_ESTABLISHED") == 1, 15, "no call over the trunk")
        box.until(lambda: _count(desk, "CALL_ESTABLISHED") == 2, 5, "the phone does not hear of it")
        assert f"call from box as 57501001 to {FAR_NUMBER}" in carrier.log()
        desk.command("dial", f"sip:0{FAR_NUMBER}@{DOMAIN}")
        box.until(lambda: _count(desk, "CALL_CLOSED") == 1, 10, "a third call found a way")
        assert {leg.line for call in box.client.ask(Calls(), CallsReply).calls for leg in call.legs} == {
            "phone:1001",
            "pri:carrier",
            "trunk:voip",
        }
        box.run_s(1.5)
        far.command("hangup")
        box.until(lambda: _count(desk, "CALL_CLOSED") == 2, 10, "the trunk's end does not reach the phone")
        desk.command("hangup")
        box.until(box.quiet, 10, "a call is left", every_s=0.2)
        # in: who is called stands in To, the caller is the carrier's word
        far.command("dial", f"sip:1001@{CARRIER}")
        box.until(lambda: _count(far, "CALL_ESTABLISHED") == 2, 15, "no call comes in over the trunk")
        box.run_s(1.5)
        far.command("dial", f"sip:1001@{CARRIER}")
        box.until(lambda: _count(far, "CALL_CLOSED") == 2, 15, "a second call came in over a trunk of one")
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
