# SPDX-License-Identifier: GPL-2.0-or-later
"""Reading flows and finding what is wrong with them, before they go live."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from appliance.config.model import BoxConfig
from appliance.ivr.flow import Flow


class Problem(msgspec.Struct, frozen=True):
    """A mistake in a flow: where it is, what is wrong, what to do. `node` and `key` may be ''."""

    file: str
    node: str
    key: str
    message: str
    hint: str


def load_flow(path: Path) -> Flow:
    """Read a flow; its name is the file's name without '.toml'.

    Raises:
        FlowError: the file cannot be read, is no TOML, or has unknown, missing or wrong keys.
    """
    raise NotImplementedError


def check_flow(flow: Flow, prompts: Callable[[str], bool], config: BoxConfig, file: str = "") -> list[Problem]:
    """List what is wrong in a flow that was read; an empty list is a flow that may go live.

    Args:
        flow: what `load_flow` gave.
        prompts: tells whether '<language>/<name>' exists.
        config: for queues, extensions, the box's language.
        file: named in the problems.
    """
    raise NotImplementedError
