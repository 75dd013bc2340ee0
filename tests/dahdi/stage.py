# SPDX-License-Identifier: GPL-2.0-or-later
"""The stage of `appliance.demo.stage`, with the box in the guest on the genuine driver.

The exchange is on the host, the driver's dynamic spans are joined to it by TDMoE; telephones are on the host, too,
beyond the guest's network. The box's folder has the same name on both sides: written here, copied there, and what the
box has made of it is fetched back.
"""

import contextlib
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from appliance.api.messages import Troubles, TroublesReply
from appliance.children.keeper import Children
from appliance.config.model import BoxConfig, SpanConfig
from appliance.contract.errors import ApiError
from appliance.demo.call import Setting
from appliance.demo.stage import Stage, StageError
from drivers.span import TICK_S
from tests.dahdi.machine import GUEST_IP, HOST_IP, Job, Machine, MachineError, far_mac

T = TypeVar("T")
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


PATIENT = "?buffers=32&ahead=6"
"""A guest shares its processor: ticks that it sends 0.1 s late still arrive in time, received ones are not lost."""
MAX_SHARE = 0.4
"""Of a tick's time that the box's work may take while no call is up: with a call it is two to three times that."""
SLOWEST = 0.5
"""Slower, a line clock takes its line for dead."""
BEHIND_TICKS = 25


class TooSlowError(StageError):
    """The guest does not keep up with a line's clock: what is then heard says nothing about the box."""


def at_its_pace(machine: Machine, play: Callable[[], T]) -> T:
    """Play with a box in the guest; where QEMU is too slow for that, with a line and telephones half as fast.

    All of the box's time is counted in ticks of its line, so it does not notice. Raises TooSlowError.
    """
    while True:
        try:
            return play()
        except TooSlowError as error:
            if machine.pace <= SLOWEST:
                raise
            machine.pace /= 2
            print(f"{error}; again at {machine.pace:g} of real time")


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

    @property
    def said(self) -> list[str]:
        """Output of `mxbox run`."""
        return self._job.lines if self._job else []

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
        super().__init__(folder, config, flows, **({"ppm": (machine.pace - 1) * 1e6} | named))

    def _line(self, number: int, frames: int) -> tuple[SpanConfig, str]:
        dynamic = f"eth,eth{number - 1}/{far_mac(number)}/0"
        return SpanConfig(address=f"dahdi:{number}{PATIENT}", dynamic=dynamic), self._machine.tdmoe(number, frames=1)

    def start(self) -> None:
        """See `Stage.start`; also looks whether this machine emulates fast enough for a line in real time.

        Raises:
            TooSlowError: it does not.
        """
        super().start()
        self.run_s(2)
        report, most_ms = self.status().switch, MAX_SHARE * 1000 * TICK_S / self._machine.pace
        if report is None or report.tick_us_p50 > 1000 * most_ms:
            took = "nothing is reported" if report is None else f"{report.tick_us_p50 / 1000:.1f} ms a tick"
            raise TooSlowError(f"QEMU is too slow for a box at {self._machine.pace:g} of real time: {took}")

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
        """Run until a command in the guest has ended. Raises StageError."""
        self.until(lambda: self._machine.ended(job), within_s, "the guest does not do what it was told")

    def _box(self) -> Children:
        return GuestBox(self._machine, self.folder, self.file, self.paths.control_socket)


class CallStage(GuestStage):
    """A stage on which the box has to keep up with its line all the time."""

    def start(self) -> None:
        """See `GuestStage.start`."""
        super().start()
        self._before = self._lead()

    def __exit__(self, *exc: object) -> None:
        behind = self._lead() - self._before if exc == (None, None, None) else 0
        super().__exit__(*exc)
        if behind > BEHIND_TICKS:
            raise TooSlowError(f"the guest fell behind by {behind} ticks at {self._machine.pace:g} of real time")

    def _lead(self) -> int:
        return self.exchange.now - self.status().at


def setting(machine: Machine, spans: int) -> Setting:
    """Where a call takes place: box in the guest, telephone and exchange on the host."""

    def stage(folder: Path, config: BoxConfig, flows: dict[str, str], **named: Any) -> CallStage:
        larger = msgspec.structs.replace(config, profile="mx90")  # three ports
        return CallStage(folder, larger, flows, machine=machine, spans=spans, **named)

    return Setting(HOST_IP, GUEST_IP, machine.pace, stage)
