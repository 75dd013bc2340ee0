# SPDX-License-Identifier: GPL-2.0-or-later
"""The tone laboratory's report: one table per detector, beside spandsp on the same audio in the same run.

    python -m tests.bench.tones_report            print it
    python -m tests.bench.tones_report --write    and keep it as dsp/REPORT.md
    python -m tests.bench.tones_report --quick    without the hours of talk-off

Needs the Debian packages libspandsp-dev, asterisk-core-sounds-*-wav, asterisk-moh-opsound-wav and espeak-ng.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: all times are those of one core

from tests.bench import amd_report, echo_report, tones_audio, tones_dtmf, tones_others
from tests.bench.tones_dtmf import Result

REPORT = Path(__file__).resolve().parents[2] / "dsp" / "REPORT.md"
_HEAD = """\
# Tone laboratory

Made by `python -m tests.bench.tones_report --write`. Every signal goes through A-law; both sides hear the same
samples in the same run. Reference: spandsp of Debian 12 (libspandsp 0.0.6), its receivers run by a loop in C. "ok" says
whether ours is where it should be.
"""


def table(title: str, results: list[Result]) -> Iterator[str]:
    """A table in Markdown."""
    yield f"\n## {title}\n"
    yield "| what | wanted | ours | spandsp | |"
    yield "|---|---|---|---|---|"
    for r in results:
        yield f"| {r.what} | {r.wanted} | {r.ours} | {r.theirs} | {'ok' if r.good else '**no**'} |"


def talk_off_lines() -> Iterator[str]:
    """The talk-off paragraph."""
    hours, ours, theirs, names = tones_dtmf.talk_off()
    yield "\n## DTMF: talk-off\n"
    yield f"False keys in {hours:.1f} hours of speech and music: ours **{ours}**, spandsp **{theirs}**."
    yield f"Heard: {', '.join(names)}; each at {len(tones_audio.SPEEDS)} speeds."


def speed_lines() -> Iterator[str]:
    """Times a tick."""
    yield "\n## Speed\n"
    yield "CPU time for one tick of 20 ms on one core, channels of recorded speech, the best of three runs.\n"
    yield "| part | rows | ours | spandsp | ours : spandsp | share of a core | channels a core |"
    yield "|---|---|---|---|---|---|---|"
    for rows in (30, 90, 256):
        for part, ours, theirs in tones_others.costs(rows):
            other = f"{theirs * 1e6:.0f} us | {ours / theirs:.2f}" if theirs else "- | -"
            share, channels = ours / 0.02, rows * 0.02 / ours
            yield f"| {part} | {rows} | {ours * 1e6:.0f} us | {other} | {share:.2%} | {channels:,.0f} |"


def report(*, quick: bool) -> Iterator[str]:
    """All lines of the report."""
    yield _HEAD.rstrip()
    yield from table("DTMF: criteria", tones_dtmf.criteria())
    yield from table("DTMF: keys over speech (barge-in)", tones_dtmf.barge_in())
    if not quick:
        yield from talk_off_lines()
    yield from table("MFC-R2 (Q.455)", tones_others.r2())
    yield from table("Call progress, China (E.180)", tones_others.progress())
    yield from table("Fax tones (T.30, V.25)", tones_others.fax())
    yield from amd_report.report()
    yield from echo_report.report()
    yield from speed_lines()


def main(argv: list[str] | None = None) -> int:
    """Print the report; 1 when a criterion is not met."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="keep the report as dsp/REPORT.md")
    parser.add_argument("--quick", action="store_true", help="leave out the hours of talk-off")
    options = parser.parse_args(argv)
    lines = []
    for text in report(quick=options.quick):
        print(text, flush=True)
        lines.append(text)
    if options.write:
        REPORT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return int(any("**no**" in text for text in lines))


if __name__ == "__main__":
    raise SystemExit(main())
