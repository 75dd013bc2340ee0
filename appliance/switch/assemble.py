# SPDX-License-Identifier: GPL-2.0-or-later
"""A switch from the box's configuration: spans, cards, sounds, disk, journal."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from appliance.bugs import Guard
from appliance.config.model import BoxConfig, Signalling, SpanConfig
from appliance.config.paths import ResolvedPaths
from appliance.sounds.kept import kept_dir
from appliance.sounds.playable import PlayableFiles
from appliance.sounds.pool import SoundPool
from appliance.switch.bulkhead import Bulkhead
from appliance.switch.core import Switch
from appliance.switch.journal import Journal
from appliance.switch.lines.card import Card, NewLeg
from appliance.switch.lines.pri.card import PriCard
from appliance.switch.rereading import Rereading
from appliance.switch.sound.disk import ThreadDisk
from appliance.switch.sound.file_reader import FileReader
from appliance.switch.sound.recorders import Recorders
from drivers.span import Span, SpanOptions
from drivers.spans import open_span

FAREWELLS = "sip.farewells"
"""File in the run folder."""
CARDS: Final[Mapping[Signalling, Callable[..., Card]]] = {"pri": PriCard}
"""Factory of a span's card for each signalling, with the arguments of `PriCard`."""
TAPS_PER_MS = 8
"""Taps of an echo canceller: one for each sample."""


def assemble(config: BoxConfig, paths: ResolvedPaths, guard: Guard | None = None) -> tuple[Switch, list[Span]]:
    """Open the lines of a configuration; return the switch, and the spans whose clock it follows, in order.

    With a `guard` a bug costs the leg that it was about, and is reported to the guard (`bulkhead`); without, it is
    raised.

    Raises:
        ApplianceError, DriverError: something is not there or not usable; the message names it and the remedy.
    """
    paths.make()
    load = partial(SoundPool.load, kept_dir(), paths.sounds, config.country)
    pool = load()
    journal = Journal(paths.state / "switch.journal", paths.recordings)
    bulkhead = Bulkhead(guard)
    spans = [open_span(line.address, _options(line)) for line in config.span]
    cards: list[Card] = [
        CARDS[line.signalling](number, span, line, journal.new_leg, config.site.coding, bulkhead)
        for number, (span, line) in enumerate(zip(spans, config.span, strict=True), 1)
    ]
    if config.sip.enabled:
        cards.append(_sip_card(config, paths, journal.new_leg, bulkhead))
    disk = ThreadDisk(paths.recordings, config.recording.min_free_mb << 20, state=paths.state)
    recorders = partial(Recorders, disk=disk)
    switch = Switch(
        cards, pool, recorders, journal, config.country, bulkhead, Rereading(pool, load), FileReader(_files(paths))
    )
    for trouble in pool.troubles:
        switch.trouble(trouble)
    followed = [span for span, line in zip(spans, config.span, strict=True) if line.clock == "far"]
    return switch, followed


def _files(paths: ResolvedPaths) -> PlayableFiles:
    folders = {"recordings": paths.recordings, "archive": paths.moved, "sounds": paths.sounds, "prompts": paths.prompts}
    return PlayableFiles({name: folder for name, folder in folders.items() if folder is not None})


def _options(line: SpanConfig) -> SpanOptions:
    taps = 0 if line.echo_canceller in {"none", "box"} else line.echo_ms * TAPS_PER_MS
    return SpanOptions(crc4=line.crc4, echo_taps=taps)


def _sip_card(config: BoxConfig, paths: ResolvedPaths, new_leg: NewLeg, bulkhead: Bulkhead) -> Card:
    from appliance.switch.lines.sip.card import SipCard  # noqa: PLC0415 - a box without SIP needs no PJSIP

    edge = config.edge if config.edge.enabled else None
    farewells, coding = paths.run / FAREWELLS, config.site.coding
    return SipCard(config.sip, config.extension, new_leg, config.trunk, edge, farewells, coding, bulkhead)
