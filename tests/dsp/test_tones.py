# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of tones and the sound rendered from it."""

from __future__ import annotations

import numpy as np
import pytest

from dsp import tone_table, tones
from dsp.errors import ToneTableError, UnknownCountry, UnknownTone
from dsp.levels import TICK_SAMPLES, level_dbm0

EVERY_TONE = [(country, name) for country in tone_table.countries() for name in tone_table.tone_names(country)]


def test_china_is_as_its_standard_says() -> None:
    cadences = {name: tone_table.load_tone("cn", name).cadence for name in ("dial", "ringback", "busy", "congestion")}
    assert cadences == {"dial": (), "ringback": ((1.0, 4.0),), "busy": ((0.35, 0.35),), "congestion": ((0.7, 0.7),)}
    assert all(tone_table.load_tone("cn", name).frequencies_hz == (450,) for name in cadences)


def test_ten_other_countries_each_with_the_tones_of_e180() -> None:
    assert len(tone_table.countries()) >= 11
    for country in tone_table.countries():
        assert tone_table.country_name(country)
        assert {"dial", "ringback", "busy", "congestion", "special_information"} <= set(tone_table.tone_names(country))


@pytest.mark.parametrize(("country", "name"), EVERY_TONE)
def test_a_period_has_its_length_level_and_no_seam(country: str, name: str) -> None:
    tone = tone_table.load_tone(country, name)
    period = tones.render_period(tone)
    assert period.dtype == np.float32
    if tone.continuous:
        assert len(period) % TICK_SAMPLES == 0
        piece = tone.pieces[0]
        longer = tones.sine(piece.frequencies_hz, tone.level_dbm0, 2 * len(period), modulation_hz=piece.modulation_hz)
        np.testing.assert_allclose(np.tile(period, 2), longer, atol=1e-5)
    else:
        assert len(period) == pytest.approx(tone.period_s * 8000, abs=len(tone.pieces))
    power = 10 * np.log10(len(tone.pieces[0].frequencies_hz))
    on = period if tone.continuous else period[: round(tone.pieces[0].on_s * 8000)]
    assert level_dbm0(on) == pytest.approx(tone.level_dbm0 + power, abs=0.7)


def test_special_information_is_three_tones_in_order() -> None:
    tone = tone_table.load_tone("cn", "special_information")
    assert [piece.frequencies_hz for piece in tone.pieces] == [(950,), (1400,), (1800,)]
    third = tones.render_period(tone)[2 * 2664 : 3 * 2664]
    assert np.argmax(np.abs(np.fft.rfft(third, 8000))) == 1800


def test_sine_joins_without_a_seam() -> None:
    whole = tones.sine([697, 1209], -6, 1000)
    parts = [tones.sine([697, 1209], -6, 250, start_sample=at) for at in range(0, 1000, 250)]
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-6)


def test_unknown_names_say_what_there_is() -> None:
    with pytest.raises(UnknownCountry, match=r"'xx'.*cn"):
        tone_table.load_tone("xx", "busy")
    with pytest.raises(UnknownTone, match=r"'busyy'.*busy"):
        tone_table.load_tone("cn", "busyy")
    with pytest.raises(UnknownTone):
        tone_table.load_tone("cn", "name")


@pytest.mark.parametrize(
    "fields",
    [{}, {"frequencies": "450", "colour": 1}, {"frequencies": "4 5 0"}, {"frequencies": "450", "cadence": [0.1]}],
)
def test_a_malformed_entry_names_its_place_and_a_remedy(fields: dict[str, object]) -> None:
    with pytest.raises(ToneTableError, match=r"cn\.busy.*(give|write)"):
        tone_table._parse("cn", "busy", fields)
