# SPDX-License-Identifier: GPL-2.0-or-later
"""The box's view of the edge: the real one, and a missing one. Trunks: test_trunks.py."""

import asyncio
import contextlib
from pathlib import Path

from appliance.config.model import TrunkConfig
from appliance.contract.edge import EdgeState
from appliance.contract.records import TroubleNoted
from appliance.edge.block_troubles import BlockTroubles
from appliance.edge.watch import FAILED_LOOKS, EdgeWatch
from tests.appliance.edge.rig import End, running

STATIC = TrunkConfig(name="branch", host="127.0.0.60")


def seen(rpc: Path, trunks: tuple[TrunkConfig, ...] = (), looks: float = FAILED_LOOKS + 0.5) -> list[EdgeState]:
    """Return the states that an EdgeWatch reports within so many looks."""
    told: list[EdgeState] = []
    noted: list[TroubleNoted] = []
    every_s = 0.1

    async def watch() -> None:
        with contextlib.suppress(TimeoutError):
            looker = EdgeWatch(rpc, trunks, told.append, noted.append, BlockTroubles(noted.append, 600), every_s)
            await asyncio.wait_for(looker.run(), looks * every_s)

    asyncio.run(watch())
    assert not noted
    return told


def test_an_edge_that_is_not_there_is_told_once(tmp_path: Path) -> None:
    assert seen(tmp_path / "edge.sock") == [EdgeState(up=False, phones=0)]
    assert not seen(tmp_path / "edge.sock")[0].healthy


def test_a_running_edge_tells_how_many_are_registered(tmp_path: Path) -> None:
    with running(tmp_path) as edge, End(edge) as phone:
        assert phone.register().status == 200
        *_before, state = seen(edge.folder / "run" / "edge.sock", (STATIC,))
        assert (state.up, state.healthy, state.phones) == (True, True, 1)
        assert [(trunk.name, trunk.registers) for trunk in state.trunks] == [("branch", False)]
        assert {trunk.since for before in _before for trunk in before.trunks} == {state.trunks[0].since} != {0}
        assert phone.register(0).status == 200
        assert seen(edge.folder / "run" / "edge.sock", looks=1)[0].phones == 0
