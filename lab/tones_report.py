# SPDX-License-Identifier: GPL-2.0-or-later
"""The tone laboratory's report: tables of our detectors beside spandsp, on the same audio in the same run.

    python -m lab.tones_report                     print it
    python -m lab.tones_report --write             and keep it as dsp/REPORT.md
    python -m lab.tones_report --only speed,r2     these sections only; --write keeps the others as they are
    python -m lab.tones_report --quick             without the hours of talk-off

Needs the Debian packages of image/packages-bench.txt.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: all times are those of one core

from lab import amd_report, echo_report, tones_audio, tones_dtmf, tones_others, tones_speed
from lab.tones_dtmf import table

DSP: Final = Path(__file__).resolve().parents[1] / "dsp"
REPORT: Final = DSP / "REPORT.md"
_HEAD: Final = """\
# Tone laboratory

Made by `mxbox tones report --write`. Every signal goes through A-law; both sides hear the same samples in the same run.
Reference: spandsp of Debian 12 (libspandsp 0.0.6), its receivers run by a loop in C. The last column says whether ours
is where it should be. Each section says which state of `dsp/` it was measured on, by a hash of the sources in use.

That blocks of any length give the same result, what silence, full scale, DC and nonsense do, and an hour of random
signals are tests: `tests/dsp/test_blocks.py`, `test_fuzz.py`. What the detectors and the echo canceller cost in the
switch is printed by `python -m tests.bench fabric`.
"""
_MARK: Final = re.compile(r"^<!-- (\w+) -->$", re.MULTILINE)


def _talk_off() -> Iterator[str]:
    results, names = tones_dtmf.talk_off()
    yield from table("DTMF: talk-off", results)
    yield f"\nHeard: {', '.join(names)}; each at {len(tones_audio.SPEEDS)} speeds."


def _dtmf() -> Iterator[str]:
    yield from table("DTMF: criteria", tones_dtmf.criteria())
    yield from table("DTMF: keys over speech (barge-in)", tones_dtmf.barge_in())


def _r2() -> Iterator[str]:
    yield from table("MFC-R2 (Q.455)", tones_others.r2())


def _progress() -> Iterator[str]:
    yield from table("Call progress, China (E.180)", tones_others.progress())


def _fax() -> Iterator[str]:
    yield from table("Fax tones (T.30, V.25)", tones_others.fax())


def _speed() -> Iterator[str]:
    yield from tones_speed.report()
    yield from amd_report.cost_report()
    yield from echo_report.cost_report()


SECTIONS: Final[dict[str, Callable[[], Iterator[str]]]] = {
    "dtmf": _dtmf,
    "talkoff": _talk_off,
    "r2": _r2,
    "progress": _progress,
    "fax": _fax,
    "answer": amd_report.report,
    "echo": echo_report.report,
    "speed": _speed,
}


def state_of_dsp() -> str:
    """Return a hash of those sources of dsp/ that are measured here."""
    loaded = {Path(str(module.__file__)) for name, module in sys.modules.items() if name.startswith("dsp.")}
    files = sorted([*loaded, DSP / "tones.toml"])
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:12]


def section(name: str) -> str:
    """Return one section, printed as it comes."""
    lines = []
    for text in SECTIONS[name]():
        print(text, flush=True)
        lines.append(text)
    return "\n".join([*lines, f"\n_Measured on {state_of_dsp()}._"])


def kept() -> dict[str, str]:
    """Return the sections of the kept report."""
    pieces = _MARK.split(REPORT.read_text(encoding="utf-8")) if REPORT.exists() else [""]
    return {name: text.strip("\n") for name, text in zip(pieces[1::2], pieces[2::2], strict=True)}


def write(sections: dict[str, str]) -> None:
    """Write the report, in the order of the sections."""
    parts = [f"<!-- {name} -->\n\n{sections[name].strip()}\n" for name in SECTIONS if name in sections]
    REPORT.write_text("\n".join([_HEAD, *parts]), encoding="utf-8")


def main(argv: list[str] | None = None) -> int:
    """Print the report; return 1 when a criterion is not met in a section measured or kept."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="keep the report as dsp/REPORT.md")
    parser.add_argument("--quick", action="store_true", help="leave out the hours of talk-off")
    parser.add_argument("--only", metavar="NAME,...", default=",".join(SECTIONS), help=", ".join(SECTIONS))
    options = parser.parse_args(argv)
    names = [name for name in options.only.split(",") if not (options.quick and name == "talkoff")]
    if unknown := [name for name in names if name not in SECTIONS]:
        parser.error(f"no section named {', '.join(unknown)}; there are: {', '.join(SECTIONS)}")
    made = {name: section(name) for name in names}
    if options.write:
        made = kept() | made
        write(made)
    return int(any("**no**" in text for text in made.values()))


if __name__ == "__main__":
    raise SystemExit(main())
