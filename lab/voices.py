# SPDX-License-Identifier: GPL-2.0-or-later
"""Synthesizers beside espeak-ng: flite and festival of Debian, for greetings and persons of another make."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import wave
from pathlib import Path
from typing import Final

import numpy as np

from dsp.levels import Float
from dsp.resample import to_line

_CODED: Final = {"lp_diphone": "latin-1", "pc_diphone": "latin-1", "upc_ca_ona_hts": "latin-1"}
_FESTIVAL: Final = Path("/usr/share/festival/voices")


def there(voice: str) -> bool:
    """Return whether `voice` ("flite NAME" or "festival NAME") is installed."""
    program, _, name = voice.partition(" ")
    if program == "festival":
        return shutil.which("text2wave") is not None and any(_FESTIVAL.glob(f"*/{name}"))
    return shutil.which("flite") is not None


def spoken(voice: str, text: str, stretch: float) -> Float:
    """Return `text` by `voice`, its sounds `stretch` times as long, at the line's rate."""
    program, _, name = voice.partition(" ")
    with tempfile.TemporaryDirectory(prefix="mx") as folder:
        out, source = Path(folder) / "said.wav", Path(folder) / "text"
        source.write_text(text, encoding=_CODED.get(name, "utf-8"), errors="replace")
        if program == "festival":
            eval_ = ["-eval", f"(voice_{name})", "-eval", f"(Parameter.set 'Duration_Stretch {stretch:.2f})"]
            subprocess.run(["text2wave", *eval_, str(source), "-o", str(out)], check=True, capture_output=True)
        else:
            how = ["-voice", name, "--setf", f"duration_stretch={stretch:.2f}"]
            subprocess.run(["flite", *how, "-f", str(source), "-o", str(out)], check=True, capture_output=True)
        with wave.open(str(out)) as file:
            return to_line(np.frombuffer(file.readframes(file.getnframes()), np.int16), file.getframerate())
