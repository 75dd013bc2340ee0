# SPDX-License-Identifier: GPL-2.0-or-later
"""Blocks of the edge as troubles for the books: each once, though it is told twice, or its notice was lost."""

from collections.abc import Callable, Sequence
from typing import Final

from appliance.contract.edge import EdgeBlock
from appliance.contract.records import TroubleNoted
from appliance.i18n import N_

REASONS: Final = {
    "flood": N_("{source} sends too much and is not heard for {seconds} s; to hear it again: {command}"),
    "scan": N_("{source} looks for weak phones and is not heard for {seconds} s; to hear it again: {command}"),
    "passwords": N_(
        "{source} used wrong passwords of many extensions and is not heard for {seconds} s; to hear it again: {command}"
    ),
}
"""Reasons for which the edge blocked an address; extensions registered from there are not blocked."""
OF_ONE: Final = {
    "flood": N_(
        "{source} sends too much as {account}, which is not heard from there for {seconds} s;"
        " when it is put right: {command}"
    ),
    "passwords": N_(
        "{source} used wrong passwords of {account}, which is not heard from there for {seconds} s;"
        " when it is put right: {command}"
    ),
}
"""Reasons for which it blocked one account at an address."""


class BlockTroubles:
    """Notes of blocks.

    The edge sends a notice of each block at once, by a datagram that may be lost. Its table of blocks, read every few
    seconds, has those too.

    Args:
        note: takes troubles for the books.
        block_s: how long a block lasts.
    """

    def __init__(self, note: Callable[[TroubleNoted], None], block_s: int) -> None:
        self._note, self._block_s = note, block_s
        self._noted: dict[tuple[str, str], int] = {}

    def note(self, source: str, account: str, why: str, since: int) -> None:
        """Note a block that began at `since` (Unix seconds), of all of a source where `account` is ''."""
        reason = (OF_ONE if account else REASONS).get(why)
        if reason is None or self._noted.get((source, account), -1) >= since:
            return
        self._noted[source, account] = since
        command = " ".join(filter(None, ("mxbox edge unblock", source, account)))
        values = {"source": source, "account": account, "seconds": str(self._block_s), "command": command}
        self._note(TroubleNoted("edge", reason, values=values))

    def seen(self, blocks: Sequence[EdgeBlock], now_s: float) -> None:
        """Note those of the edge's blocks at `now_s` (Unix seconds) that are not noted yet; forget those that ended."""
        ended = now_s - 2 * self._block_s
        self._noted = {place: since for place, since in self._noted.items() if since > ended}
        for each in blocks:
            self.note(each.address, each.extension, each.why, each.until // 1000 - self._block_s)
