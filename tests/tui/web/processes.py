# SPDX-License-Identifier: GPL-2.0-or-later
"""Processes that are not ours: what they have started, and their end."""

import asyncio
import os
from pathlib import Path


async def ended(process: int) -> None:
    """Wait for the end of a process that is no child of ours."""
    descriptor, over = os.pidfd_open(process), asyncio.Event()
    asyncio.get_running_loop().add_reader(descriptor, over.set)
    try:
        await asyncio.wait_for(over.wait(), 30)
    finally:
        asyncio.get_running_loop().remove_reader(descriptor)
        os.close(descriptor)


def children(process: int) -> list[int]:
    """Return the processes that a process has started."""
    return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
