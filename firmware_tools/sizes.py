# SPDX-License-Identifier: GPL-2.0-or-later
"""Sizes as they stand on disks: decimal."""

from typing import Final

MIB: Final = 1 << 20


def gigabytes(size: int) -> str:
    """Return a size in words, `16.0 GB` or `52 MB`."""
    return f"{size / 1e9:.1f} GB" if size >= 10**9 else f"{size / 1e6:.0f} MB"
