# SPDX-License-Identifier: GPL-2.0-or-later
"""The driver as tests in the guest need it: loaded, configured, emptied; nothing of the box is used here."""

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

CONFIGURATION = Path("/etc/dahdi/system.conf")
MODULES = (
    "dahdi_dynamic_loc",
    "dahdi_dynamic_eth",
    "dahdi_dynamic_ethmf",
    "dahdi_dynamic",
    "dahdi_echocan_mg2",
    "dahdi_echocan_oslec",
    "dahdi_echocan_jpah",
    "dahdi_echocan_kb1",
    "dahdi_echocan_sec",
    "dahdi_echocan_sec2",
    "dahdi_transcode",
    "dahdi",
)
ZONES = "loadzone=cn\nloadzone=us\ndefaultzone=cn\n"
PRI = "bchan=1-15,17-31\ndchan=16\nbchan=32-46,48-62\ndchan=47\n"
CAS = "cas=1-62:0000\n"
CLEAR = "clear=1-62\n"
LOCAL = "dynamic=loc,1:0,31,0\ndynamic=loc,1:1,31,0\n"
CABLE = ("mxa", "mxb")
"""Two Ethernet cards of this machine and a cable between them; a span is at the first."""
CABLE_MACS = ("02:93:00:00:02:01", "02:93:00:00:02:02")
ONE_PRI = "bchan=1-15,17-31\ndchan=16\n"
ETHERNET = f"dynamic=eth,{CABLE[0]}/{CABLE_MACS[1]}/0,31,1\n"


def run(*argv: str, check: bool = True) -> str:
    """Run a command; its output."""
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=60)
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(argv)} ended with {done.returncode}: {done.stdout}")
    return done.stdout


def unload() -> None:
    """Take the driver out; all devices must be closed."""
    for _ in range(50):
        loaded = {line.split()[0] for line in Path("/proc/modules").read_text().splitlines()}
        if not loaded.intersection(MODULES):
            return
        for module in MODULES:
            if module in loaded:
                run("rmmod", module, check=False)
        time.sleep(0.1)
    raise RuntimeError(run("lsmod"))


def load(configuration: str, *modules: str) -> None:
    """Put the driver in with a system.conf."""
    if not installed():
        raise RuntimeError("the driver is loaded in the guest only")
    CONFIGURATION.parent.mkdir(exist_ok=True)
    CONFIGURATION.write_text(configuration)
    run("modprobe", "dahdi", "auto_assign_spans=1")
    for module in modules or ("dahdi_dynamic_loc",):
        run("modprobe", module)
    run("dahdi_cfg", "-c", str(CONFIGURATION))


_LOADED: list[str] = []


def load_once(configuration: str, *modules: str) -> None:
    """Load the driver with a system.conf, unless it has that already."""
    if configuration not in _LOADED:
        unload()
        load(configuration, *modules)
        _LOADED[:] = [configuration]


def installed() -> bool:
    """Return whether this machine, a guest, has the driver and may load it."""
    return Path("/lib/modules", os.uname().release, "dahdi").is_dir() and shutil.which("dahdi_cfg") is not None


def cable() -> None:
    """Lay that cable."""
    with contextlib.suppress(RuntimeError):  # it is there
        run("ip", "link", "add", CABLE[0], "type", "veth", "peer", "name", CABLE[1])
    for card, mac in zip(CABLE, CABLE_MACS, strict=True):
        run("ip", "link", "set", card, "address", mac, "up")
    while any(Path("/sys/class/net", card, "operstate").read_text() != "up\n" for card in CABLE):
        time.sleep(0.01)  # the kernel looks after its cards' carriers once a second


@contextlib.contextmanager
def configured(configuration: str, *modules: str) -> Iterator[None]:
    """The driver with a system.conf, for as long as the body runs."""
    _LOADED.clear()
    unload()
    load(configuration, *modules)
    try:
        yield
    finally:
        unload()
