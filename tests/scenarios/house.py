# SPDX-License-Identifier: GPL-2.0-or-later
"""Configurations, flows and sounds that the scenarios share."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

import appliance.demo
from appliance.config.model import BoxConfig, ExtensionConfig, RouteConfig
from appliance.config.queues import AgentConfig, QueueConfig
from appliance.sounds.kept import kept_dir
from appliance.sounds.pool import SoundPool
from dsp.levels import Float
from hw_sim.sounds import Library

HOTLINE = {"hotline": Path(appliance.demo.__file__).with_name("hotline.toml")}

DESK = """
flow_version = 1
start = "main"
[node.main]
do = "menu"
prompts = ["welcome", "menu-hotline"]
keys = { 1 = "out" }
otherwise = "end"
[node.out]
do = "dial"
outside = "10086"
otherwise = "end"
[node.end]
do = "hangup"
"""
"""A flow: one key leads outside, to 10086. It has no greeting of its own, so that the key counts at once."""


def extension(n: int) -> str:
    """Number of the n-th phone, from 1."""
    return str(1000 + n)


def agent(n: int) -> str:
    """Number of the n-th agent, from 1."""
    return str(2000 + n)


def call_centre(
    agents: int, *, language: str = "en", wrap_up_s: float = 2.0, ring_s: float = 15.0, start: str = "ready"
) -> BoxConfig:
    """Return a box with so many agents at stations, one queue for all, and 96900 as hotline."""
    numbers = range(1, agents + 1)
    return BoxConfig(
        language=language,  # type: ignore[arg-type]
        extension=tuple(ExtensionConfig(number=extension(n), line=f"station:{extension(n)}") for n in numbers),
        agent=tuple(AgentConfig(number=agent(n), extension=extension(n), start=start) for n in numbers),  # type: ignore[arg-type]
        queue=(
            QueueConfig(name="service", agents=tuple(agent(n) for n in numbers), wrap_up_s=wrap_up_s, ring_s=ring_s),
        ),
        route=(RouteConfig(called="96900", flow="hotline"),),
    )


def speech(seconds: float, seed: int) -> Float:
    """Return noise with the rhythm of syllables, different for each seed, which correlation finds again."""
    rng = np.random.default_rng(seed)
    n = round(seconds * 8000)
    syllables = np.clip(np.sin(2 * np.pi * 4 * np.arange(n) / 8000 + rng.uniform(0, 6)), 0, 1)
    smooth = np.convolve(rng.normal(0, 1, n + 7), np.ones(8) / 8, "valid")
    return np.asarray(0.25 * syllables * smooth, dtype=np.float32)


def prompts(language: str, names: Iterable[str]) -> dict[str, Float]:
    """Return the box's own prompts by name, as references for what a caller hears."""
    pool = SoundPool.load(kept_dir(), None, "cn")
    found = {}
    for name in names:
        offset, length = pool.places[f"prompt:{language}/{name}"]
        found[name] = np.asarray(pool.samples[offset : offset + length] / 32768, np.float32)
    return found


def library(language: str = "en", names: Iterable[str] = (), **sentences: Float) -> Library:
    """Return the sounds that subscribers and stations speak and know."""
    return Library("cn", references={**prompts(language, names), **sentences})
