# SPDX-License-Identifier: GPL-2.0-or-later
"""Reading of the flows that the routes name, all checked before any is used."""

from collections.abc import Callable
from dataclasses import replace

import msgspec

from appliance.config.errors import Mistake
from appliance.config.model import BoxConfig
from appliance.config.paths import ResolvedPaths
from appliance.contract.errors import ApplianceError
from appliance.i18n import _
from appliance.ivr.check import check_file
from appliance.ivr.check_site import site_of
from appliance.ivr.flow import Flow
from appliance.ivr.linked import reached
from appliance.ivr.load import load_flow
from appliance.sounds.errors import SoundError
from appliance.sounds.names import prompt_names


class FlowsBrokenError(ApplianceError):
    """Flows have mistakes; the message has a line for each: file, line, key, what is wrong, the remedy."""


def load_flows(config: BoxConfig, paths: ResolvedPaths, *, tables: bool = True) -> dict[str, Flow]:
    """Read and check every flow that the configuration names or these lead to; return them by name.

    Without `tables` these are not checked. Raises FlowsBrokenError.
    """
    mistakes = flow_mistakes(config, paths, tables=tables)
    if mistakes:
        told = "\n".join(mistake.text(mistake.file) for mistake in mistakes)
        raise FlowsBrokenError(told, _("correct the flow, then check it: mxbox flow check FILE"))
    return {name: load_flow(paths.flow(name)) for name in reached(config.flows, paths.flows)}


def flow_mistakes(config: BoxConfig, paths: ResolvedPaths, *, tables: bool = True) -> list[Mistake]:
    """Return the mistakes of every flow that is named, each with its file. Raises SoundError without sounds."""
    return check_flows(config, paths, prompt_names(paths.sounds), tables=tables)


def there_mistakes(config: BoxConfig, paths: ResolvedPaths) -> list[Mistake]:
    """Return the mistakes of the flows that are there; a missing one is a mistake of what names it."""
    missing = {flow for flow in config.flows if not paths.flow(flow).is_file()}
    routes = tuple(route for route in config.route if route.flow not in missing)
    queues = tuple(
        msgspec.structs.replace(
            queue,
            survey="" if queue.survey in missing else queue.survey,
            detours={key: flow for key, flow in queue.detours.items() if flow not in missing},
        )
        for queue in config.queue
    )
    config = msgspec.structs.replace(config, route=routes, queue=queues)
    try:
        return flow_mistakes(config, paths) if config.flows else []
    except SoundError:  # before set-up there are no sounds: missing prompts cannot be found then
        return check_flows(config, paths, lambda _prompt: True)


def text_mistakes(text: str, name: str, config: BoxConfig, paths: ResolvedPaths) -> list[Mistake]:
    """Return the mistakes of a text as if it were that of a flow."""
    path, site = paths.flow(name), site_of(paths)
    try:
        return check_file(path, prompt_names(paths.sounds), config, site, text)
    except SoundError:  # before set-up there are no sounds: missing prompts cannot be found then
        return check_file(path, lambda _prompt: True, config, site, text)


def check_flows(
    config: BoxConfig, paths: ResolvedPaths, prompts: Callable[[str], bool], *, tables: bool = True
) -> list[Mistake]:
    """Return the mistakes of all flows that calls may enter; `prompts` returns whether '<language>/<name>' exists."""
    site = site_of(paths, tables=tables)
    return [
        replace(mistake, file=str(paths.flow(name)))
        for name in reached(config.flows, paths.flows)
        for mistake in check_file(paths.flow(name), prompts, config, site)
    ]
