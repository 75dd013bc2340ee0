# SPDX-License-Identifier: GPL-2.0-or-later
"""Entry to PJSIP: which build is there, and an endpoint on it. PJSIP is loaded at the first use, not at import."""

import importlib
import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from drivers.errors import SipBuildError
from drivers.sip import SipOptions

if TYPE_CHECKING:
    from drivers.pjsip_endpoint import SipEndpoint

Accept = Callable[[str, int], bool]
"""Decision whether a call may come from this source address (host, port)."""

REMEDY = "make setup builds PJSIP for this box and puts it into .venv; pip uninstall whatever is in its place"


@dataclass(frozen=True)
class PjsipBuild:
    """Our PJSIP build, as its VERSION file states it."""

    folder: Path
    version: str
    calls: int
    tarball: str
    sha256: str


def check_build() -> PjsipBuild:
    """Find the PJSIP that ``import pjsua2`` would load and check that it is this box's own.

    The wheels on PyPI are built for one desk phone: 4 calls, 64 sockets. The limit itself is measured once more when an
    endpoint opens, as the VERSION file alone proves little.

    Raises:
        SipBuildError: there is none, or another one is in its place.
    """
    spec = importlib.util.find_spec("pjsua2")
    if spec is None or spec.origin is None:
        raise SipBuildError("PJSIP's Python module pjsua2 is not installed", REMEDY)
    folder = Path(spec.origin).parent
    try:
        lines = (folder / "VERSION").read_text().splitlines()
        facts = dict(line.split(" ", 1) for line in lines)
        build = PjsipBuild(folder, facts["version"], int(facts["calls"]), facts["tarball"], facts["sha256"])
    except (OSError, KeyError, ValueError) as error:
        message = f"{spec.origin} is not this box's own PJSIP build (a ready-made one carries only 4 calls at once)"
        raise SipBuildError(message, REMEDY) from error
    _check_binding(folder)
    return build


def _check_binding(folder: Path) -> None:
    """Check that the media binding is linked to the library that ``import pjsua2`` loads, not to a second one."""
    try:
        binding = importlib.import_module("drivers._pjmedia")
    except ImportError as error:
        raise SipBuildError(f"drivers._pjmedia cannot be loaded: {error}", REMEDY) from error
    if binding.ffi.string(binding.lib.mx_pjsip_folder()).decode() != str(folder):
        raise SipBuildError(f"drivers._pjmedia was not compiled for the PJSIP in {folder}", REMEDY)


def open_endpoint(options: SipOptions, accept: Accept) -> "SipEndpoint":
    """Start PJSIP and listen. There can be one endpoint in a process at a time; all calls to it come from this thread.

    Raises:
        SipBuildError: see `check_build`; or the library takes fewer calls than `options` ask for.
        SipError: it cannot start, for instance because the port is taken.
    """
    check_build()
    from drivers.pjsip_endpoint import SipEndpoint  # noqa: PLC0415 - it loads PJSIP, which was checked just now

    return SipEndpoint(options, accept)


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{check_build()}\n")
    except SipBuildError as error:
        sys.exit(f"{error}\n  {error.hint}")
