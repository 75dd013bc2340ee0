# SPDX-License-Identifier: GPL-2.0-or-later
"""Reading the flows that the routes name, all checked before any goes live."""

from appliance.config.model import BoxConfig
from appliance.config.paths import ResolvedPaths
from appliance.errors import ApplianceError
from appliance.i18n import _
from appliance.ivr.check import Problem, check_flow, load_flow
from appliance.ivr.flow import Flow
from appliance.sounds.kept import kept_dir
from appliance.switch.sounds import SoundPool


class FlowsBrokenError(ApplianceError):
    """Flows have mistakes; the message has a line for each: file, node, key, what is wrong, what to do."""


def load_flows(config: BoxConfig, paths: ResolvedPaths) -> dict[str, Flow]:
    """Read and check every flow that a route names; give them by name. Raises FlowsBrokenError or FlowError."""
    pool = SoundPool.load(kept_dir(), paths.sounds, config.country)
    flows, problems = {}, []
    for name in sorted({route.flow for route in config.route}):
        file = paths.flow(name)
        flows[name] = load_flow(file)
        problems += check_flow(flows[name], lambda prompt: pool.find(f"prompt:{prompt}") is not None, config, str(file))
    if problems:
        raise FlowsBrokenError(
            "\n".join(map(_line, problems)), _("correct the flow, then check it: mxbox flow check FILE")
        )
    return flows


def _line(problem: Problem) -> str:
    place = ".".join(part for part in (problem.node and f"node.{problem.node}", problem.key) if part)
    text = ": ".join(part for part in (problem.file, place, problem.message) if part)
    return f"{text} ({problem.hint})" if problem.hint else text
