# SPDX-License-Identifier: GPL-2.0-or-later
"""One process at a time: things that two of the box's processes find missing at once are made by one of them."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Lock out every other process that uses the same `lock`; it ends with its holder, however that ends.

    The file stays: its removal would let two in. Raises OSError.
    """
    lock.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    held = os.open(lock, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)
