# SPDX-License-Identifier: GPL-2.0-or-later
"""An image as a build makes it, small; and disks that fail in the ways that disks fail."""

import errno
import os
import random
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from firmware_tools import blockmap
from firmware_tools.disks import Disk
from firmware_tools.flash import Work
from firmware_tools.image import Image, Plan, plan_of
from firmware_tools.medium import Medium
from firmware_tools.sizes import MIB

TABLE = """label: gpt
size=1MiB, type=21686148-6449-6E6F-744E-656564454649, name=bios
size=3MiB, name=root-a
size=3MiB, name=root-b
size=2MiB, name=state
size=1MiB, name=recordings
"""
SIZE = 12 * MIB
STICK = 32 * MIB


def silent(_phase: str, _done: int, _total: int) -> None:
    """Take progress and show nothing."""


def make_image(folder: Path, seed: int = 1) -> Path:
    """Write an image with a table of partitions, holes, and a root of random bytes."""
    path = folder / f"mxbox-{seed}.img"
    path.touch()
    os.truncate(path, SIZE)
    subprocess.run(["sfdisk", "-q", path], input=TABLE, text=True, check=True, capture_output=True)
    chance = random.Random(seed)
    with path.open("r+b") as file:
        file.write(chance.randbytes(440))  # boot code
        for place, size in ((1, 300_000), (2, MIB + 5000), (8, 70_000), (10, 4096)):
            file.seek(place * MIB)
            file.write(chance.randbytes(size))
    return path


def image_of(path: Path) -> Image:
    return Image(path, blockmap.of_image(path))


class Killed(BaseException):
    """The end of the program in the middle of its work."""


class Stick:
    """A disk in memory. Writes stay in its cache until it is settled, as in the genuine ones."""

    def __init__(self, size: int = STICK, content: bytes = b"") -> None:
        self.size = size
        self.bytes = bytearray(content.ljust(size, b"\0"))
        self.writes = 0
        self.kill_at = -1
        self.unsettled: list[tuple[int, bytes]] = []

    def read(self, place: int, size: int) -> bytes:
        return bytes(self.bytes[place : place + size])

    def write(self, place: int, data: bytes) -> None:
        if self.writes == self.kill_at:
            raise Killed
        self.writes += 1
        self.unsettled.append((place, self.read(place, len(data))))
        self.put(place, data)

    def put(self, place: int, data: bytes) -> None:
        assert place + len(data) <= self.size
        self.bytes[place : place + len(data)] = data

    def settle(self) -> None:
        self.unsettled.clear()

    def is_gone(self) -> bool:
        return False

    def lose_power(self, chance: random.Random) -> None:
        """Forget some of what was not settled, the last first: disks write in any order."""
        for place, old in reversed(self.unsettled):
            if chance.random() < 0.5:
                self.put(place, old)
        self.unsettled.clear()


class Wrapping(Stick):
    """A counterfeit that begins at its beginning again behind its true size."""

    def __init__(self, true: int, size: int = STICK) -> None:
        super().__init__(size)
        self.true = true

    def read(self, place: int, size: int) -> bytes:
        begins = [at % self.true for at in range(place, place + size, 4096)]
        return b"".join(self.bytes[begin : begin + 4096] for begin in begins)[:size]

    def put(self, place: int, data: bytes) -> None:
        for at in range(0, len(data), 4096):
            block = data[at : at + 4096]
            begin = (place + at) % self.true
            self.bytes[begin : begin + len(block)] = block


class Loosing(Stick):
    """A counterfeit that forgets what is written behind its true size."""

    def __init__(self, true: int, size: int = STICK) -> None:
        super().__init__(size)
        self.true = true

    def put(self, place: int, data: bytes) -> None:
        kept = data[: max(0, self.true - place)]
        self.bytes[place : place + len(kept)] = kept


class Worn(Stick):
    """A stick that takes what is written and keeps none of it."""

    def put(self, place: int, data: bytes) -> None:
        """Forget it."""


class Dying(Stick):
    """A stick with blocks that keep something else, cannot be read, or cannot be written."""

    def __init__(
        self, *, changes: int = -1, unreadable: int = -1, unwritable: int = -1, for_writes: int = 1000
    ) -> None:
        super().__init__()
        self.changes, self.unreadable, self.unwritable = changes, unreadable, unwritable
        self.for_writes = for_writes

    def read(self, place: int, size: int) -> bytes:
        if place <= self.unreadable < place + size:
            raise OSError(errno.EIO, "Input/output error")
        return super().read(place, size)

    def put(self, place: int, data: bytes) -> None:
        if place <= self.unwritable < place + len(data):
            raise OSError(errno.EIO, "Input/output error")
        super().put(place, data)
        if place <= self.changes < place + len(data) and self.for_writes:
            self.for_writes -= 1
            self.bytes[self.changes] ^= 0x10


class Vanishing(Stick):
    """A stick that is pulled out after some writes."""

    def __init__(self, after: int, answer: int) -> None:
        super().__init__()
        self.after, self.answer = after, answer

    def is_gone(self) -> bool:
        return self.writes >= self.after

    def _there(self) -> None:
        if self.is_gone():
            raise OSError(self.answer, os.strerror(self.answer))

    def read(self, place: int, size: int) -> bytes:
        self._there()
        return super().read(place, size)

    def write(self, place: int, data: bytes) -> None:
        self._there()
        super().write(place, data)

    def settle(self) -> None:
        self._there()
        super().settle()


@cache
def _random(seed: int) -> random.Random:
    return random.Random(seed)


def work(medium: Medium, image: Image, plan: Plan | None = None) -> Work:
    return Work(medium, image, plan or plan_of(image, silent), silent, random=random.Random(7).randbytes)


def is_right(disk: bytes, plan: Plan) -> bool:
    """Return whether all that the plan has stands on a disk, compared without the code that wrote it."""
    from hashlib import sha256

    rest = all(sha256(disk[place : place + size]).digest() == digest for place, size, digest in plan.pieces)
    return rest and disk[:MIB] == plan.head


@contextmanager
def loop_device(file: Path) -> Iterator[str]:
    """Make a block device of the kernel's of a file."""
    made = subprocess.run(["losetup", "--show", "-f", file], capture_output=True, text=True, check=True)
    device = made.stdout.strip()
    try:
        yield device
    finally:
        subprocess.run(["losetup", "-d", device], check=True)


def disk_at(path: str, size: int, **facts: object) -> Disk:
    return Disk(name=Path(path).name, path=path, size=size, bus="usb", model="Stick", serial="4C5300A1", **facts)  # type: ignore[arg-type]
