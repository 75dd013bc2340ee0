# SPDX-License-Identifier: GPL-2.0-or-later
"""Build of the wheel of mxbox-tools and the lock of what it needs. Usage: wheel.py FOLDER (make tools).

The wheel has the package, and of the box's catalogue the texts that are its own.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import tomli_w
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT: Final = Path(__file__).parents[2]
HERE: Final = Path(__file__).parent
OWN: Final = ("firmware_tools/", "argparse.py")
"""Sources whose texts the wheel shows."""
SHARED: Final = ("__init__.py", "serial_frames.py")
"""Files of `drivers/` that the box and the wheel both have: the frames of the serial line."""
NEEDED: Final = ("markdown-it-py", "mdurl", "pygments", "pyserial", "rich", "zstandard")
"""Packages of the wheel's own, and those that they need."""
DAY: Final = "1577836800"
"""The day that all files of the wheel are dated: equal sources make equal wheels."""


def main() -> int:
    """Make the wheel and its lock in the folder that is named."""
    out = Path(sys.argv[1])
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        _lay_out(Path(folder))
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q", "wheel"]
        command = [*pip, "--no-deps", "--no-build-isolation", "-w", str(out), folder]
        subprocess.run(command, check=True, env={**os.environ, "SOURCE_DATE_EPOCH": DAY})
    (out / "requirements.lock").write_text("".join(_locked()), encoding="utf-8")
    sys.stdout.write("".join(f"{path}\n" for path in sorted(out.iterdir())))
    return 0


def _lay_out(folder: Path) -> None:
    package = folder / "firmware_tools"
    shutil.copytree(ROOT / "firmware_tools", package, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "drivers").mkdir()
    for name in SHARED:
        shutil.copy(ROOT / "drivers" / name, folder / "drivers")
    for po in sorted((ROOT / "appliance/locale").glob("*/LC_MESSAGES/mxbox.po")):
        target = package / "locale" / po.parts[-3] / "LC_MESSAGES" / "mxbox.mo"
        target.parent.mkdir(parents=True)
        with target.open("wb") as file:
            write_mo(file, _own_texts(po))
    project = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))
    whole = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project["project"]["version"] = _version()
    project["project"]["dependencies"] = whole["project"]["optional-dependencies"]["tools"]
    (folder / "pyproject.toml").write_text(tomli_w.dumps(project), encoding="utf-8")


def _own_texts(po: Path) -> Catalog:
    with po.open("rb") as file:
        whole = read_po(file, locale=po.parts[-3])
    own = Catalog(locale=po.parts[-3], charset="utf-8")
    for message in whole:
        if any(place.startswith(OWN) for place, _line in message.locations):
            own.add(message.id, message.string)
    return own


def _version() -> str:
    text = (ROOT / "appliance/version.py").read_text(encoding="utf-8")
    return re.findall(r'^VERSION = "(.+)"$', text, re.MULTILINE)[0]


def _locked() -> Iterator[str]:
    """Yield the entries of the tree's lock that the wheel needs, with their hashes."""
    lock = (ROOT / "image/requirements.lock").read_text(encoding="utf-8")
    yield "# SPDX-License-Identifier: GPL-2.0-or-later\n# pip install --require-hashes -r requirements.lock\n"
    for entry in re.split(r"^(?=[a-z0-9-]+==)", lock, flags=re.MULTILINE)[1:]:
        if entry.partition("==")[0] in NEEDED:
            yield entry


if __name__ == "__main__":
    sys.exit(main())
