# SPDX-License-Identifier: GPL-2.0-or-later
"""The owner's folder of sounds: `<language>/<name>.wav` for prompts, `music/<name>.wav` for music."""

from collections.abc import Iterator
from pathlib import Path

from appliance.config.paths import MUSIC


def owner_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the sounds in an owner's folder: name, file; in order."""
    for file in sorted(folder.glob("*/**/*.wav")):
        kind, *rest = file.relative_to(folder).with_suffix("").parts
        name = "/".join(rest)
        yield (f"music:{name}" if kind == MUSIC else f"prompt:{kind}/{name}"), file
