# SPDX-License-Identifier: GPL-2.0-or-later
"""The numbers that phones of the house may dial, and the choices of agents at their desks."""

from collections.abc import Iterator

import msgspec

from appliance.config.model import BoxConfig
from appliance.contract.desk import DeskChoice, DeskView
from appliance.contract.directory import DirectoryRow
from appliance.engine import presence
from appliance.engine.parts.board import Board


def directory(board: Board) -> Iterator[DirectoryRow]:
    """Return the rows, each kind in the order of the configuration. Whether phones are registered it does not know."""
    seated = {agent.extension: agent for agent in board.agents.values() if agent.status != "signed_out"}
    for number, phone in board.routes.phones.items():
        agent = seated.get(number)
        yield DirectoryRow(
            number=number,
            name=phone.name,
            kind="extension",
            state=presence.state(board.in_use.get(number)),
            do_not_disturb=bool(board.settings[number].do_not_disturb),
            agent=agent.number if agent is not None else "",
            agent_name=agent.name if agent is not None else "",
            agent_state=agent.state if agent is not None else "",
        )
    for group in board.routes.groups.values():
        yield DirectoryRow(number=group.number, name=group.name, kind="group")
    hotlines = {route.called: route.flow for route in board.config.route if route.called and "*" not in route.called}
    for called, flow in hotlines.items():
        yield DirectoryRow(number=called, name=flow, kind="hotline")


def desk_view(config: BoxConfig) -> DeskView:
    """Return the choices of agents, by the configuration."""
    agents = config.agents
    return DeskView(
        pause_reasons=tuple([DeskChoice(each.key, each.name) for each in agents.pause_reasons]),
        wrap_up_codes=tuple([DeskChoice(each.key, each.name) for each in agents.wrap_up_codes]),
        prefix=config.outside.prefix,
        codes=msgspec.structs.asdict(config.codes),
        lock_pause=agents.lock_pause,
    )
