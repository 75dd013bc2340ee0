# SPDX-License-Identifier: GPL-2.0-or-later
"""A voice message as a letter: its caller and time in the language of the box, and the sound attached."""

import shutil
import subprocess
import wave
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from io import BytesIO
from pathlib import Path
from typing import Final, Literal

import numpy as np

from appliance.contract.message_row import MessageRow
from appliance.i18n import N_, translation
from appliance.mailing.errors import PostError
from appliance.store.recordings import RecordingUnreadable, read_wav
from dsp.g711 import alaw_decode, float_to_int16

RATE_HZ: Final = 8000
LAME: Final = (
    "lame",
    "--quiet",
    "-r",
    "-s",
    "8",
    "--bitwidth",
    "16",
    "--signed",
    "--little-endian",
    "-m",
    "m",
    "-",
    "-",
)
ENCODE_S: Final = 120.0
BODY: Final = (N_("Box: {box}"), N_("Caller: {caller}"), N_("Left at: {at}"), N_("Length: {seconds} s"))
LOCALES: Final = {"zh": "zh_CN"}
"""Locale of each language of the box that is not English."""

Format = Literal["wav", "mp3"]


def write(row: MessageRow, file: Path, sender: str, to: tuple[str, ...], form: Format, language: str) -> EmailMessage:
    """Return the letter. Raises PostError if its sound cannot be read or encoded."""
    text = translation(LOCALES.get(language, "en")).gettext
    caller = (
        text(N_("withheld")) if row.withheld else " ".join(filter(None, (row.caller, row.name))) or text(N_("unknown"))
    )
    left = datetime.fromtimestamp(row.at / 1000).astimezone()
    length = f"{row.length_s:.0f}"
    letter = EmailMessage()
    letter["From"], letter["To"] = sender, ", ".join(to)
    letter["Subject"] = text(N_("Voice message from {caller}")).format(caller=caller)
    letter["Date"] = format_datetime(left)
    letter["Message-ID"] = f"<mxbox-{row.message}-{row.at}@{sender.partition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answers by machines
    values = {"box": row.box, "caller": caller, "at": left.strftime("%Y-%m-%d %H:%M:%S"), "seconds": length}
    letter.set_content("".join(text(line).format(**values) + "\n" for line in BODY), cte="base64")
    sound, subtype = (_mp3(_samples(file)), "mpeg") if form == "mp3" else (_wav(_samples(file)), "wav")
    name = f"{left.strftime('%Y%m%d-%H%M%S')}-{row.message}.{form}"
    letter.add_attachment(sound, maintype="audio", subtype=subtype, filename=name)
    return letter


def _samples(file: Path) -> bytes:
    try:
        found = read_wav(file)
        with file.open("rb") as opened:
            opened.seek(found.data_at)
            octets = opened.read(found.samples * found.tracks)
    except (OSError, RecordingUnreadable) as error:
        raise PostError(f"{file}: {error}") from error
    return float_to_int16(alaw_decode(np.frombuffer(octets, np.uint8))).astype("<i2").tobytes()


def _wav(samples: bytes) -> bytes:
    """Return 16-bit PCM, which every program plays."""
    made = BytesIO()
    with wave.open(made, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes(samples)
    return made.getvalue()


def _mp3(samples: bytes) -> bytes:
    """Return MP3, or raise PostError if the encoder is not there or fails."""
    program = shutil.which(LAME[0])
    if program is None:
        raise PostError("lame is not on this machine (as root: apt-get install lame)")
    try:
        done = subprocess.run([program, *LAME[1:]], input=samples, capture_output=True, check=True, timeout=ENCODE_S)
    except (OSError, subprocess.SubprocessError) as error:
        raise PostError(f"lame: {error}") from error
    return done.stdout
