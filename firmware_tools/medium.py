# SPDX-License-Identifier: GPL-2.0-or-later
"""A disk that is opened: bytes read from it and written to it past the caches of this machine."""

import errno
import mmap
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final, Protocol

from firmware_tools.disks import Disk
from firmware_tools.errors import ToolError
from firmware_tools.i18n import _
from firmware_tools.sizes import MIB

if sys.platform == "linux":
    import fcntl

BLKRRPART: Final = 0x125F
"""Linux's request to read the partition table anew (linux/fs.h)."""
BLKFLSBUF: Final = 0x1261
"""Linux's request to write out and forget what it keeps of a disk."""
GONE: Final = {errno.ENODEV, errno.ENXIO, errno.ENOMEDIUM, errno.ESHUTDOWN}
"""Answers of the kernel where a disk was."""


class Medium(Protocol):
    """A disk as the work of flashing needs it. Failures are OSErrors."""

    size: int

    def read(self, place: int, size: int) -> bytes:
        """Return bytes as they stand on the medium."""

    def write(self, place: int, data: bytes) -> None:
        """Write bytes."""

    def settle(self) -> None:
        """Wait until all that was written has reached the medium."""

    def is_gone(self) -> bool:
        """Return whether the disk is no longer there."""


class BlockDevice:
    """A disk of Linux, or any file: past the page cache where the system can (O_DIRECT), else it is dropped."""

    def __init__(self, path: str, fd: int) -> None:
        self.path, self.fd = path, fd
        self.size = os.lseek(fd, 0, os.SEEK_END)
        self._buffer = mmap.mmap(-1, MIB)  # O_DIRECT takes memory that begins at a page

    def read(self, place: int, size: int) -> bytes:
        """Return bytes as they stand on the medium."""
        got = 0
        with memoryview(self._buffer) as view:
            while got < size:
                n = os.preadv(self.fd, [view[got:size]], place + got)
                if not n:
                    raise OSError(errno.EIO, os.strerror(errno.EIO), self.path)
                got += n
            return bytes(view[:size])

    def write(self, place: int, data: bytes) -> None:
        """Write bytes."""
        done = 0
        with memoryview(self._buffer) as view:
            view[: len(data)] = data
            while done < len(data):
                done += os.pwrite(self.fd, view[done : len(data)], place + done)

    def settle(self) -> None:
        """Wait until all that was written has reached the medium."""
        os.fsync(self.fd)
        if sys.platform == "linux":
            with suppress(OSError):
                fcntl.ioctl(self.fd, BLKFLSBUF)
            os.posix_fadvise(self.fd, 0, 0, os.POSIX_FADV_DONTNEED)

    def is_gone(self) -> bool:
        """Return whether the disk is no longer there."""
        try:
            return os.lseek(self.fd, 0, os.SEEK_END) == 0 or not os.path.exists(self.path)  # noqa: PTH110
        except OSError:
            return True

    def close(self, *, changed: bool) -> None:
        """Close the disk; have the system read its partitions anew if they were changed."""
        if changed and sys.platform == "linux":
            with suppress(OSError):
                fcntl.ioctl(self.fd, BLKRRPART)
        self._buffer.close()
        os.close(self.fd)


@contextmanager
def opened(disk: Disk, *, writing: bool) -> Iterator[BlockDevice]:
    """Open a disk for this program alone.

    Raise:
        ToolError: the system has it in use, does not let us, or another disk has taken its place since it was listed.
    """
    if sys.platform == "win32":
        text = _("disks cannot be written on this system yet")
        raise ToolError("not_here", text, _("mxbox-tools flash on a machine with Linux, or any program for images"))
    device = BlockDevice(disk.path, _open(disk, writing=writing))
    try:
        _compare(device, disk)
        yield device
    finally:
        device.close(changed=writing)


def _open(disk: Disk, *, writing: bool) -> int:
    mode = os.O_RDWR | os.O_EXCL if writing else os.O_RDONLY
    direct = getattr(os, "O_DIRECT", 0)
    try:
        try:
            return os.open(disk.path, mode | direct | os.O_CLOEXEC)
        except OSError as error:
            if error.errno != errno.EINVAL or not direct:
                raise
            return os.open(disk.path, mode | os.O_CLOEXEC)  # a file system without O_DIRECT
    except PermissionError as error:
        text = _("{path} may be opened by root only").format(path=disk.path)
        raise ToolError("not_root", text, "sudo mxbox-tools ...") from error
    except OSError as error:
        busy = _("the system has it in use: unmount it")
        text = _("{path} cannot be opened: {error}").format(path=disk.path, error=error.strerror)
        raise ToolError("not_opened", text, busy if error.errno == errno.EBUSY else "") from error


def _compare(device: BlockDevice, disk: Disk) -> None:
    status = os.fstat(device.fd)
    number = f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}"
    moved = stat.S_ISBLK(status.st_mode) and disk.number not in {"", number}
    if moved or device.size != disk.size:
        raise ToolError("another_disk", _("{path} is another disk now").format(path=disk.path), "mxbox-tools disks")
