# SPDX-License-Identifier: GPL-2.0-or-later
"""Skins: `house` with its own colours, `plain` with 16 colours and ASCII, chosen by what the terminal can.

A screen names roles (`good`, `bad`, `dim`, ...) and glyphs (`bar`, `rule`, ...), never colours and characters.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from rich.style import Style
from textual.theme import Theme

Role = Literal["", "good", "warn", "bad", "dim", "head", "accent", "cursor", "mark", "paper"]
SkinName = Literal["house", "plain"]


@dataclass(frozen=True)
class Skin:
    """A skin: its theme, the styles of roles, and glyphs.

    Attributes:
        theme: name of the Textual theme.
        roles: style of each role, laid over that of the screen.
        sparks: glyphs of a small curve, from nothing to full.
        bar: glyphs of a full and of an empty place of a meter.
        rule: glyph between parts of a line.
        cut: glyph in place of what does not fit.
        rail, dash: of ladders: upright, and along an arrow.
        branch, corner: of trees: a way out of several, and the last one.
        arrow: between two parties.
        halves: glyphs of a place with both halves empty, the upper one full, the lower one, both; '': it has none.
    """

    name: SkinName
    theme: str
    roles: Mapping[Role, Style]
    sparks: str
    bar: tuple[str, str]
    rule: str
    cut: str
    rail: str
    dash: str
    branch: str
    corner: str
    arrow: str
    halves: str


HOUSE_THEME: Final = Theme(
    name="house",
    primary="#5fafd7",
    secondary="#87afaf",
    accent="#d7af5f",
    warning="#d7af5f",
    error="#e06c75",
    success="#87c38a",
    foreground="#d0d4d8",
    background="#14181c",
    surface="#1c2228",
    panel="#262d35",
    dark=True,
)

HOUSE: Final = Skin(
    "house",
    "house",
    {
        "": Style.null(),
        "good": Style.parse("#87c38a"),
        "warn": Style.parse("#d7af5f"),
        "bad": Style.parse("bold #e06c75"),
        "dim": Style.parse("#7a838c"),
        "head": Style.parse("bold #5fafd7"),
        "accent": Style.parse("bold #d0d4d8"),
        "cursor": Style.parse("#ffffff on #2f4858"),
        "mark": Style.parse("bold #d7af5f"),
        "paper": Style.parse("#000000 on #ffffff"),
    },
    sparks=" ▁▂▃▄▅▆▇█",
    bar=("█", "░"),
    rule="│",
    cut="…",
    rail="│",
    dash="─",
    branch="├",
    corner="└",
    arrow="→",
    halves=" ▀▄█",
)

PLAIN: Final = Skin(
    "plain",
    "ansi-dark",
    {
        "": Style.null(),
        "good": Style.parse("green"),
        "warn": Style.parse("yellow"),
        "bad": Style.parse("bold red"),
        "dim": Style.parse("bright_black"),
        "head": Style.parse("bold cyan"),
        "accent": Style.parse("bold"),
        "cursor": Style.parse("reverse"),
        "mark": Style.parse("bold yellow"),
        "paper": Style.parse("black on white"),
    },
    sparks=" .:-=+*#@",
    bar=("#", "."),
    rule="|",
    cut="~",
    rail="|",
    dash="-",
    branch="+",
    corner="\\",
    arrow=">",
    halves="",
)

SKINS: Final[Mapping[SkinName, Skin]] = {"house": HOUSE, "plain": PLAIN}


def spark(skin: Skin, values: tuple[float, ...] | list[float], width: int) -> str:
    """Return a small curve of the last values, as wide as it may be."""
    shown = list(values)[-width:]
    most = max(shown, default=0.0)
    steps = len(skin.sparks) - 1
    return "".join(skin.sparks[round(value / most * steps) if most > 0 else 0] for value in shown)


def meter(skin: Skin, share: float, width: int) -> str:
    """Return a meter of a share from 0 to 1."""
    full = min(width, max(0, round(share * width)))
    return skin.bar[0] * full + skin.bar[1] * (width - full)
