# SPDX-License-Identifier: GPL-2.0-or-later
"""Memory that this process holds by malloc(3): the resident rest is the most it ever held, and follows the load."""

import ctypes


class Mallinfo(ctypes.Structure):
    """struct mallinfo2 of mallinfo(3): ten sizes."""

    _fields_ = [(f"size{place}", ctypes.c_size_t) for place in range(10)]


MAPPED, ALLOCATED = "size4", "size7"
"""hblkhd and uordblks."""


def in_use() -> int:
    """Octets that the process has of malloc(3), without those that it freed and the system has not got back."""
    ask = ctypes.CDLL(None).mallinfo2
    ask.restype = Mallinfo
    told = ask()
    return int(getattr(told, MAPPED)) + int(getattr(told, ALLOCATED))
