# SPDX-License-Identifier: GPL-2.0-or-later
"""Sound of rows to and from a real stream, as linear 16 bits and as floats; of listed rows only."""

import numpy as np
import pytest

from drivers.pjsip_media import MediaRows, Samples
from dsp.g711 import alaw_decode, alaw_encode, float_to_int16
from tests.drivers.test_rtp_wire import Talk, talk
from tests.drivers.word_phone import WordPhone

RTP_HEADER = 12


def sent(call: Talk, sound: Samples) -> bytes:
    """Return the octets that reach the phone when its row has this sound [160] for a tick."""
    media = call.ticker.endpoint.media
    whole = np.zeros((media.rows, 160), sound.dtype)
    whole[call.row] = sound
    call.phone.poll()
    call.phone.heard.clear()
    media.put(whole)
    call.phone.poll()
    (packet,) = call.phone.heard
    return packet[RTP_HEADER:]


def test_floats_leave_as_their_nearest_linear_values_and_are_cut_off_at_full_scale() -> None:
    edges = [0, 1, -1, 1.5, -1.5, 3e4, -3e4, 0.5 / 32768, 1.5 / 32768, 2.5 / 32768, -0.5 / 32768, -1.5 / 32768]
    sound = np.random.default_rng(3).uniform(-1.2, 1.2, 160).astype(np.float32)
    sound[: len(edges)] = edges
    with talk(WordPhone()) as call:
        assert sent(call, sound) == sent(call, float_to_int16(sound))
        assert len(sent(call, np.full(160, np.nan, np.float32))) == 160


def test_floats_come_as_the_linear_values_by_full_scale() -> None:
    codes = np.tile(np.random.default_rng(4).integers(0, 256, 40).astype(np.uint8), 4)  # PJMEDIA delays by such lengths
    with talk(WordPhone()) as call:
        media = call.ticker.endpoint.media
        linear, real = np.zeros((media.rows, 160), np.int16), np.ones((media.rows, 160), np.float32)
        for sound in (linear, real):
            for _ in range(5):
                call.phone.speak(call.phone.packet(codes.tobytes()))
                call.receive()
                media.get(sound)
        np.testing.assert_array_equal(alaw_encode(alaw_decode(codes)), alaw_encode(real[call.row]))
        np.testing.assert_array_equal(linear[call.row] * np.float32(1 / 32768), real[call.row])
        assert not real[1 - call.row].any(), "a row without a stream is silent"


def test_a_stream_whose_first_packet_is_there_when_it_begins_has_a_tick_in_hand() -> None:
    """PJMEDIA throws away what came before it is asked for the first time: that was the tick in hand."""
    levels = [0.1 * (1 + n % 7) for n in range(42)]
    with talk(WordPhone()) as call:
        media, heard, said = call.ticker.endpoint.media, [], iter(levels)
        sound = np.zeros((media.rows, 160), np.float32)
        for packets in [1] * 20 + [0, 2] + [1] * 20:
            for _ in range(packets):
                call.phone.speak(call.phone.packet(alaw_encode(np.full(160, next(said))).tobytes()))
            call.receive()
            media.get(sound)
            heard.append(float(sound[call.row, 100]))
        np.testing.assert_allclose(heard, [0, *levels[:-1]], rtol=0.1)


def test_rows_that_are_not_listed_are_neither_filled_nor_sent() -> None:
    with talk(WordPhone()) as call:
        media = call.ticker.endpoint.media
        sound = np.ones((media.rows, 160), np.float32)
        call.phone.poll()
        call.phone.heard.clear()
        for rows in (np.array([1 - call.row]), np.zeros(0, np.intp)):
            media.put(sound, rows)
        call.phone.poll()
        assert not call.phone.heard
        media.get(sound, np.array([1 - call.row]))
        assert (sound[call.row] == 1).all()
        assert not sound[1 - call.row].any()


@pytest.mark.parametrize("rows", [[2], [-1], [0, 5]])
def test_rows_that_are_not_there_are_refused(rows: list[int]) -> None:
    media, sound = MediaRows(2), np.zeros((2, 160), np.float32)
    for move in (media.get, media.put):
        with pytest.raises(ValueError, match="not all among 2"):
            move(sound, np.array(rows))
    media.put(sound)


@pytest.mark.parametrize("sound", [np.zeros((2, 160)), np.zeros((3, 160), np.int16), np.zeros((2, 80), np.float32)])
def test_sound_of_another_kind_is_refused(sound: Samples) -> None:
    media = MediaRows(2)
    for move in (media.get, media.put):
        with pytest.raises(ValueError, match=r"not int16 or float32 \(2, 160\)"):
            move(sound)
