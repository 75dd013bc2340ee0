# SPDX-License-Identifier: GPL-2.0-or-later
"""Blocks of addresses and extensions: tables of `routing.cfg` (GUARD, BLOCK), read and changed while kamailio runs."""

import ipaddress
from typing import Final

import msgspec

from appliance.contract.edge import EdgeBlock
from appliance.edge.rpc import Rpc, RpcRefusedError

MAX_LISTED: Final = 1000
"""More do not fit into kamailio's answer; only forged addresses make so many."""
SEPARATOR: Final = "|"
"""Separator of address and account in a name of kamailio's tables."""
COUNTERS: Final = ("wrong", "rate")
"""Tables that count towards the next block, under the address alone and with each account."""


class _Item(msgspec.Struct, frozen=True):
    name: str
    value: str


class _Entry(msgspec.Struct, frozen=True):
    slot: list[_Item]


class _Size(msgspec.Struct, frozen=True):
    name: str
    all: int


class Blocks:
    """The edge's blocks. Args: rpc its socket; block_s how long one lasts."""

    def __init__(self, rpc: Rpc, block_s: int) -> None:
        self._rpc, self._block_s = rpc, block_s

    async def now(self, now_s: float) -> tuple[EdgeBlock, ...]:
        """Return the blocks at `now_s` (Unix seconds), the one that ends soonest first; none if there are too many.

        Raises RpcError.
        """
        sizes = await self._rpc.ask("htable.stats", [], list[_Size])
        if not 0 < next((each.all for each in sizes if each.name == "blocked"), 0) <= MAX_LISTED:
            return ()
        entries = await self._rpc.ask("htable.dump", ["blocked"], list[_Entry])
        found = (self._block(item) for entry in entries for item in entry.slot)
        return tuple(sorted((each for each in found if each.until > now_s * 1000), key=lambda each: each.until))

    def _block(self, item: _Item) -> EdgeBlock:
        address, _between, account = item.name.partition(SEPARATOR)
        why, _space, since_s = item.value.partition(" ")
        return EdgeBlock(address, account, why, (int(since_s) + self._block_s) * 1000)

    async def lift(self, address: str, account: str, now_s: float) -> tuple[EdgeBlock, ...]:
        """Lift the block of an account at an address, or all of the address if `account` is ''.

        Returns the lifted blocks. Counted mistakes are reset. Raises RpcError.
        """
        held = [each for each in await self.now(now_s) if _same(each.address, address)]
        lifted = tuple(each for each in held if account in ("", each.extension))
        for each in lifted:
            await self._forget("blocked", _name(each))
            for name in dict.fromkeys((_name(each), each.address)):
                for table in COUNTERS:
                    await self._forget(table, name)
        return lifted

    async def _forget(self, table: str, name: str) -> None:
        try:
            await self._rpc.ask("htable.delete", [table, name], str)
        except RpcRefusedError:  # it has just ended by itself
            return


def _name(block: EdgeBlock) -> str:
    return SEPARATOR.join(filter(None, (block.address, block.extension)))


def _same(one: str, other: str) -> bool:
    """Return whether two addresses are the same, however they are written (RFC 5952)."""
    try:
        return ipaddress.ip_address(one) == ipaddress.ip_address(other.strip("[]"))
    except ValueError:
        return one == other
