# SPDX-License-Identifier: GPL-2.0-or-later
"""A piece of sound is found among all references wherever it lies, at a cost that grows no faster than they do."""

from typing import Any

import numpy as np
import pytest

from dsp.levels import Float
from hw_sim.prompt_ear import PromptEar

PAUSE = 4000
CHUNK = 4000


def noise(samples: int, seed: int) -> Float:
    return np.random.default_rng(seed).normal(0, 0.1, samples).astype(np.float32)


@pytest.mark.parametrize("at", [0, 4001, 24_766, 28_767, 28_768, 28_769, 32_767, 32_768, 57_536, 96_000 - CHUNK])
def test_a_piece_is_found_on_both_sides_of_every_edge_between_blocks(at: int) -> None:
    long = noise(96_000, 1)
    ear = PromptEar({"short": noise(800, 2), "long": long, "last": noise(12_000, 3)})
    assert ear.find(long[at:], 0) == ("long", 96_000 - at)


def test_the_last_piece_of_the_last_reference_is_found_and_a_stranger_is_not() -> None:
    sounds = {f"{n}": noise(20_000 + 777 * n, n) for n in range(1, 6)}
    ear = PromptEar(sounds)
    assert ear.find(sounds["5"][-CHUNK:], 0) == ("5", CHUNK)
    assert ear.find(noise(CHUNK, 99), 0) is None
    assert PromptEar({}).find(noise(CHUNK, 99), 0) is None


def test_no_transform_is_larger_where_there_are_more_references(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: dict[int, set[int]] = {}
    for count in (2, 40):
        sizes[count] = set()
        real = {name: getattr(np.fft, name) for name in ("rfft", "irfft")}
        with monkeypatch.context() as patched:
            for name, do in real.items():

                def told(sound: Any, size: int | None = None, count: int = count, do: Any = do) -> Any:
                    sizes[count].add(size or len(sound))
                    return do(sound, size)

                patched.setattr(np.fft, name, told)
            assert PromptEar({f"{n}": noise(20_000, n) for n in range(count)}).find(noise(CHUNK, 99), 0) is None
    assert sizes[2] == sizes[40]
