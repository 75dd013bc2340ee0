# SPDX-License-Identifier: GPL-2.0-or-later
"""Recordings as other files: WAV as they are, Opus and MP3 by an encoder in a process of its own."""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from tempfile import TemporaryFile
from typing import Final, Literal, get_args

from appliance.contract.errors import ApplianceError
from appliance.i18n import _
from appliance.store.recordings import Wav, read_wav

Format = Literal["wav", "opus", "mp3"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)

_OPUS: Final = ("opusenc", "--quiet", "--raw", "--raw-rate", "8000", "--raw-bits", "16", "--raw-chan")
_MP3: Final = ("lame", "--quiet", "-r", "-s", "8", "--bitwidth", "16", "--signed", "--little-endian", "-m")
PACKAGES: Final = {"opusenc": "opus-tools", "lame": "lame"}
"""Debian's package of each encoder."""
_BLOCK: Final = 8000 * 10
"""Octets that are decoded at once."""


class ConvertError(ApplianceError):
    """A recording cannot be written in another format."""


def encoder(form: Format, tracks: int, target: Path) -> tuple[str, ...]:
    """Return the command that reads samples of 16 bits and writes the target."""
    if form == "opus":
        return (*_OPUS, str(tracks), "-", str(target))
    return (*_MP3, "s" if tracks == 2 else "m", "-", str(target))


def require(form: Format) -> None:
    """Raise ConvertError unless the format's encoder is on this machine."""
    if form == "wav":
        return
    program = encoder(form, 2, Path())[0]
    if shutil.which(program) is None:
        hint = _("as root: apt-get install {package}").format(package=PACKAGES[program])
        raise ConvertError(_("{program} is not on this machine").format(program=program), hint)


def convert(source: Path, target: Path, form: Format) -> None:
    """Write a recording to `target`, whole or not at all. Raises RecordingUnreadable, ConvertError, OSError."""
    wav = read_wav(source)
    part = target.with_name(f".{target.name}")
    try:
        if form == "wav":
            shutil.copyfile(source, part)
        else:
            _encode(source, wav, part, form)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _encode(source: Path, wav: Wav, part: Path, form: Format) -> None:
    command = encoder(form, wav.tracks, part)
    with TemporaryFile() as said:
        # A pipe that breaks: the encoder says why, and ends with a status.
        with suppress(BrokenPipeError), Popen(command, stdin=PIPE, stdout=DEVNULL, stderr=said) as child:
            if child.stdin is not None:
                child.stdin.writelines(_samples(source, wav))
        if child.returncode:
            said.seek(0)
            why = said.read().decode(errors="replace").strip() or str(child.returncode)
            raise ConvertError(_("{program} failed: {why}").format(program=command[0], why=why))


def _samples(source: Path, wav: Wav) -> Iterator[bytes]:
    """Yield the samples of all tracks, 16 bits, the low octet first."""
    import numpy as np  # here: no other command needs it, and loading it takes as long as the rest of a command

    from dsp.g711 import alaw_decode, float_to_int16

    left = wav.samples * wav.tracks
    with source.open("rb") as file:
        file.seek(wav.data_at)
        while left and (octets := file.read(min(left, _BLOCK))):
            left -= len(octets)
            yield float_to_int16(alaw_decode(np.frombuffer(octets, np.uint8))).astype("<i2").tobytes()
