# SPDX-License-Identifier: GPL-2.0-or-later
"""The stage of `appliance.cli.stage`, with the box in the guest on the genuine driver.

The exchange is on the host, the driver's dynamic spans are joined to it by TDMoE; telephones are on the host, too,
beyond the guest's network. The box's folder has the same name on both sides: written here, copied there, and what the
box has made of it is fetched back.
"""

import contextlib
import subprocess
from pathlib import Path
from typing import Any

import msgspec

from appliance.api.messages import Troubles, TroublesReply
from appliance.children import Children
from appliance.cli.demo.call import Setting
from appliance.cli.stage import Stage, StageError
from appliance.config.model import BoxConfig, SpanConfig
from appliance.errors import ApiError
from tests.dahdi.machine import GUEST_IP, HOST_IP, Job, Machine, MachineError, far_mac

CONTROL_PORT = 9300
MXBOX = ("python3.11", "-m", "appliance.cli.main")
NETWORK = (
    "for card in /sys/class/net/eth*; do case $(cat $card/address) in "
    f"02:93:00:00:00:fe) ip address replace {GUEST_IP}/24 dev ${{card##*/}};; esac; "
    "ip link set ${card##*/} up; done"
)
DRIVER_UP = "/usr/share/dahdi/dahdi-modules load && dahdi_cfg"
DRIVER_DOWN = (
    "for n in $(seq 100); do lsmod | grep -q ^dahdi || exit 0; pkill -9 -f '[-]m appliance.switch'; "
    "for m in dahdi_dynamic_eth dahdi_dynamic dahdi_echocan_oslec dahdi; do rmmod $m 2>/dev/null; done; "
    "sleep 0.05; done; exit 1"
)


MOST_TICK_US = 14_000.0
"""Work of a tick from which on ticks begin late, for not every one takes the median."""


class TooSlowError(StageError):
    """The guest does not keep up with a line's clock: what is then heard says nothing about the box."""


class GuestBox(Children):
    """The box in the guest, kept by its own `mxbox run`, and its control socket brought to the host."""

    def __init__(self, machine: Machine, folder: Path, file: Path, control: Path) -> None:
        self._machine, self._folder, self._file, self._socket = machine, folder, file, control
        self._job: Job | None = None
        self._bridges: list[Job] = []
        self._bridge: subprocess.Popen[bytes] | None = None

    def keep(self) -> None:
        """Start it; from then on it keeps itself."""
        if self._job is None:
            self._set_up()
            self._job = self._machine.start([*MXBOX, "run", str(self._file)])
        elif self._machine.ended(self._job):
            raise MachineError("the box ended by itself:\n" + "\n".join(self._job.lines[-30:]))

    def stop(self) -> None:
        """End it in order, and fetch what it wrote."""
        if self._job is None:
            return
        if not self._machine.ended(self._job):
            self._machine.signal(self._job)
            self._machine.wait(self._job, 60)
        print("the box said:", *self._job.lines[-40:], sep="\n  ")
        for bridge in self._bridges:
            self._machine.signal(bridge)
        if self._bridge:
            self._bridge.terminate()
            self._bridge.wait()
        self._shell(f"cp -r {self._folder}/. /share/{self._folder.name}/; {DRIVER_DOWN}; rm -rf {self._folder}")
        self._job = None

    def kill(self, module: str) -> Job:
        """Kill a process of the box; time need not stand still while that is done."""
        return self._machine.start(["pkill", "-9", "-f", f"[-]m {module}"])

    def take_driver_out(self) -> Job:
        """Unload the driver. It cannot be while the switch has it open, so that is killed until it can."""
        return self._machine.start(["sh", "-c", DRIVER_DOWN])

    def put_driver_in(self) -> Job:
        """Load it, as at a start of the machine."""
        return self._machine.start(["sh", "-c", DRIVER_UP])

    def _set_up(self) -> None:
        folder = self._folder
        self._shell(f"{NETWORK}; mkdir -p {folder.parent}; cp -r /share/{folder.name} {folder}")
        self._shell(f"{' '.join(MXBOX)} dahdi write {self._file} && {DRIVER_UP}")
        listen, control = f"TCP-LISTEN:{CONTROL_PORT},fork,reuseaddr", self._socket
        self._bridges.append(self._machine.start(["socat", listen, f"UNIX-CONNECT:{control}"]))
        self._bridge = subprocess.Popen(
            ["socat", f"UNIX-LISTEN:{control},fork,unlink-early", f"TCP:{GUEST_IP}:{CONTROL_PORT}"],
            stderr=subprocess.DEVNULL,
        )

    def _shell(self, command: str) -> None:
        self._machine.run("sh", "-c", command, timeout_s=120)


class GuestStage(Stage):
    """`Stage` with the box in a guest; `folder` is made in what the guest sees of the host."""

    ready_s = 180.0

    def __init__(
        self, folder: Path, config: BoxConfig, flows: dict[str, str], *, machine: Machine, **named: Any
    ) -> None:
        self._machine = machine
        self._control = Path()
        super().__init__(folder, config, flows, **named)

    def _line(self, number: int, frames: int) -> tuple[SpanConfig, str]:
        dynamic = f"eth,eth{number - 1}/{far_mac(number)}/0"
        return SpanConfig(address=f"dahdi:{number}", dynamic=dynamic), self._machine.tdmoe(number, frames=1)

    def start(self) -> None:
        """See `Stage.start`; also looks whether this machine emulates fast enough for a line in real time.

        Raises:
            TooSlowError: it does not.
        """
        super().start()
        self.run_s(2)
        report = self.status().switch
        if report is None or report.tick_us_p50 > MOST_TICK_US:
            took = "nothing is reported" if report is None else f"a tick takes {report.tick_us_p50 / 1000:.0f} ms of 20"
            raise TooSlowError(f"QEMU emulates too slowly here for a box in real time: {took}")

    def __exit__(self, *exc: object) -> None:
        with contextlib.suppress(ApiError):
            report = self.status().switch
            told = report and msgspec.structs.replace(report, cards=())
            print("the switch in the guest:", told)
            for row in self.client.ask(Troubles(), TroublesReply).troubles:
                print(f"trouble: {row.kind}: {row.text}")
        for record in self.exchange.records:
            print(f"at the exchange: {record.called} answered {record.answered} cause {record.cause} {record.failures}")
        super().__exit__(*exc)

    @property
    def box(self) -> GuestBox:
        """The box as something that can be killed."""
        assert isinstance(self.children, GuestBox)
        return self.children

    def done(self, job: Job, within_s: float = 60.0) -> None:
        """Let time go on until a command in the guest has ended. Raises StageError."""
        self.until(lambda: self._machine.ended(job), within_s, "the guest does not do what it was told")

    def _box(self) -> Children:
        return GuestBox(self._machine, self.folder, self.file, self.paths.control_socket)


def setting(machine: Machine, spans: int) -> Setting:
    """Where a call takes place: box in the guest, telephone and exchange on the host."""

    def stage(folder: Path, config: BoxConfig, flows: dict[str, str], **named: Any) -> GuestStage:
        larger = msgspec.structs.replace(config, profile="mx90")  # three ports
        return GuestStage(folder, larger, flows, machine=machine, spans=spans, **named)

    return Setting(HOST_IP, GUEST_IP, stage)
