# SPDX-License-Identifier: GPL-2.0-or-later
"""Network namespaces of the test's own, joined by wires that lose, delay and mix up packets: for root, on Linux's TUN.

A wire is a pair of TUN devices with `BadNetwork` between them, so it needs nothing of the kernel's netem. A namespace
belongs to a thread: sockets opened and programs started in it stay there when the thread goes on.
"""

import ctypes
import fcntl
import ipaddress
import os
import select
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hw_sim.bad_network import BadNetwork, NetworkPlan

CLONE_NEWNET, TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x40000000, 0x400454CA, 0x0001, 0x1000
TUN = Path("/dev/net/tun")
_libc = ctypes.CDLL(None, use_errno=True)


def unavailable() -> str | None:
    """Return why no namespace can be made here; None if one can."""
    if os.geteuid():
        return "only root makes network namespaces"
    return None if os.access(TUN, os.R_OK | os.W_OK) else f"{TUN} is not there"


def _check(result: int) -> None:
    if result:
        raise OSError(ctypes.get_errno(), "a network namespace cannot be made")


def enter_new() -> None:
    """This thread goes into a new, empty namespace with loopback."""
    _check(_libc.unshare(CLONE_NEWNET))
    _ip("link", "set", "lo", "up")


@contextmanager
def back_again() -> Iterator[None]:
    """Return the thread at the end to the namespace in which it was, whichever namespaces it enters."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        yield
    finally:
        _check(_libc.setns(home, CLONE_NEWNET))
        os.close(home)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, timeout=10)


def end_of_wire(name: str, address: str) -> int:
    """Make a device with an address of 10.77.0.0/24 in this thread's namespace; return the file of its packets."""
    tun = os.open(TUN, os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    _ip("address", "add", f"{address}/24", "dev", name)
    _ip("link", "set", name, "up")
    return tun


class Wires:
    """Carries packets between one near end and several far ends, each way of each by its own plan.

    Args:
        near: where the packets of the near end are read.
        far: the same of far ends, and their plan, by address.
    """

    def __init__(self, near: int, far: dict[str, tuple[int, NetworkPlan]]) -> None:
        self._near = near
        self._far = {ipaddress.ip_address(address).packed: tun for address, (tun, _plan) in far.items()}
        plans = [plan for _tun, plan in far.values()]
        self.out = {
            at: BadNetwork[bytes](plan, 10 + n) for n, (at, plan) in enumerate(zip(self._far, plans, strict=True))
        }
        self.back = {
            at: BadNetwork[bytes](plan, 20 + n) for n, (at, plan) in enumerate(zip(self._far, plans, strict=True))
        }
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._carry)

    @contextmanager
    def carrying(self) -> Iterator["Wires"]:
        self._thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            self._thread.join()
            for tun in (self._near, *self._far.values()):
                os.close(tun)

    def _carry(self) -> None:
        while not self._stop.is_set():
            now = time.monotonic() * 1000
            arrivals = (way.next_ms for way in (*self.out.values(), *self.back.values()))
            wait_s = max(0.0, min([50.0, *(ms - now for ms in arrivals if ms is not None)])) / 1000
            ready = select.select([self._near, *self._far.values()], [], [], wait_s)[0]
            now = time.monotonic() * 1000
            for tun in ready:
                self._take(tun, now)
            for at, tun in self._far.items():
                _give(tun, self.out[at].arrived(now))
                _give(self._near, self.back[at].arrived(now))

    def _take(self, tun: int, now_ms: float) -> None:
        with suppress(BlockingIOError):
            while True:
                packet = os.read(tun, 65536)
                way = self.out.get(packet[16:20]) if tun == self._near else self.back.get(packet[12:16])
                if packet[0] >> 4 == 4 and way is not None:
                    way.send(packet, now_ms)


def _give(tun: int, packets: list[bytes]) -> None:
    for packet in packets:
        os.write(tun, packet)
