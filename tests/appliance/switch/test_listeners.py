# SPDX-License-Identifier: GPL-2.0-or-later
"""Detectors by row: all that was requested, exactly, and nothing else."""

import numpy as np
import pytest

from appliance.contract.switch import Listen
from appliance.switch.sound.listeners import Listeners, Noticed
from dsp.blocks import tick_of
from dsp.dtmf import dtmf_samples
from dsp.fax import FaxDetector, cng_samples
from dsp.g711 import alaw_decode, alaw_encode
from dsp.levels import Float
from dsp.progress import ProgressDetector, ToneHeard
from dsp.tone_table import load_tone
from dsp.tones import render_period

ROWS, SECONDS = 6, 6


@pytest.fixture(scope="module")
def said() -> Float:
    """Busy on rows 0 and 1, CNG on 2 and 3, a key on 4, silence on 5: [ticks, rows, 160]."""
    x = np.zeros((ROWS, SECONDS * 8000), np.float32)
    x[:2] = np.tile(render_period(load_tone("cn", "busy")), 20)[: x.shape[1]]
    x[2:4] = np.tile(cng_samples(), 2)[: x.shape[1]]
    key = dtmf_samples("7", 80, 80)
    x[4, 300 : 300 + len(key)] = key
    return alaw_decode(alaw_encode(x)).reshape(ROWS, -1, 160).swapaxes(0, 1)


def hear(listeners: Listeners, ticks: Float) -> list[Noticed]:
    return [one for x in ticks for one in listeners.advance(tick_of(x, ROWS))]


def test_only_rows_that_were_asked_for_are_told_and_exactly_as_if_all_were(said: Float) -> None:
    listeners = Listeners(ROWS, "cn")
    listeners.listen(1, Listen(1, tones=True))
    listeners.listen(3, Listen(3, fax=True))
    told: list[tuple[int, Noticed]] = []
    progress, fax, wanted = ProgressDetector(ROWS, "cn"), FaxDetector(ROWS), list[tuple[int, Noticed]]()
    for number, x in enumerate(said):
        told += [(number, one) for one in hear(listeners, x[None])]
        tones = [t for t in progress.feed(x) if isinstance(t, ToneHeard)]
        wanted += [(number, Noticed(t.row, "tone", t.name)) for t in tones if t.row == 1]
        wanted += [(number, Noticed(f.row, "fax", f.tone.value)) for f in fax.feed(x) if f.row == 3]
    assert told == wanted
    assert {one.row for _, one in told} == {1, 3}


def test_what_sounded_before_it_was_asked_for_does_not_count(said: Float) -> None:
    late, once = Listeners(ROWS, "cn"), Listeners(ROWS, "cn")
    hear(late, said[:50])
    late.listen(0, Listen(0, tones=True))
    once.listen(0, Listen(0, tones=True))
    assert hear(late, said[50:]) == hear(once, said[50:]) == [Noticed(0, "tone", "busy")]


def test_nothing_is_told_after_a_reset_and_an_order_replaces_the_one_before(said: Float) -> None:
    listeners = Listeners(ROWS, "cn")
    listeners.listen(0, Listen(0, tones=True))
    listeners.listen(2, Listen(2, fax=True))
    listeners.listen(2, Listen(2, tones=True))
    listeners.reset(0)
    assert hear(listeners, said) == []


def test_keys_levels_and_speech_are_there_for_every_row(said: Float) -> None:
    listeners = Listeners(ROWS, "cn")
    keys = []
    for x in said[:12]:
        tick = tick_of(x, ROWS)
        keys += listeners.keys(tick)
        listeners.advance(tick)
    assert [(key.row, key.key) for key in keys] == [(4, "7")]
    assert listeners.level_dbm0[0] == pytest.approx(-10, abs=0.5)
    assert listeners.level_dbm0[5] < -60
    assert listeners.speaking.tolist() == [True, True, True, True, True, False]
