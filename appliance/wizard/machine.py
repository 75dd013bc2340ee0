# SPDX-License-Identifier: GPL-2.0-or-later
"""This machine as the set-up sees it: addresses, clock, time zone, E1 ports that the driver has."""

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LOOPBACK: Final = "127.0.0.1"
_TIMEOUT_S: Final = 5.0
_PROC_DAHDI: Final = Path("/proc/dahdi")
_ZONES: Final = "/usr/share/zoneinfo/"
_STATES: Final = ("RED", "YELLOW", "BLUE", "OK", "NOTOPEN")
_SPAN: Final = re.compile(r'Span \d+: (?P<name>\S+) "(?P<what>[^"]*)"(?P<rest>.*)')


@dataclass(frozen=True)
class Port:
    """An E1 port that the driver knows. `state` is what the driver says of the line, such as RED."""

    number: int
    name: str
    state: str = ""


@dataclass(frozen=True)
class Machine:
    """Findings at this machine.

    Attributes:
        addresses: of IPv4, with their interfaces; loopback is the last.
        zone: name of the time zone, '' if it is not known.
        synced: whether the clock is kept by a time server; None: not known.
        ports: of E1 cards.
        driver: whether the DAHDI driver is loaded.
    """

    addresses: tuple[tuple[str, str], ...] = ((LOOPBACK, "lo"),)
    zone: str = ""
    synced: bool | None = None
    ports: tuple[Port, ...] = ()
    driver: bool = False


def look() -> Machine:
    """Return this machine."""
    return Machine(_addresses(), _zone(), _synced(), _ports(_PROC_DAHDI), _PROC_DAHDI.is_dir())


def _addresses() -> tuple[tuple[str, str], ...]:
    links = json.loads(_said("ip", "-j", "-4", "addr") or "[]")
    found = [(address["local"], link["ifname"]) for link in links for address in link.get("addr_info", ())]
    return (*(each for each in found if not each[0].startswith("127.")), (LOOPBACK, "lo"))


def _zone() -> str:
    try:
        target = os.path.realpath("/etc/localtime")
    except OSError:
        return ""
    return target.removeprefix(_ZONES) if target.startswith(_ZONES) else ""


def _synced() -> bool | None:
    return {"yes": True, "no": False}.get(_said("timedatectl", "show", "-p", "NTPSynchronized", "--value").strip())


def _said(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout


def _ports(folder: Path) -> tuple[Port, ...]:
    """Return the E1 ports: files named by their numbers, whose first line says what they are."""
    files = sorted((each for each in folder.glob("[0-9]*") if each.name.isdigit()), key=lambda each: int(each.name))
    found = [(int(each.name), _first_line(each)) for each in files]
    return tuple(_port(number, line) for number, line in found)


def _first_line(file: Path) -> str:
    try:
        return file.read_text("ascii", "replace").partition("\n")[0]
    except OSError:
        return ""


def _port(number: int, line: str) -> Port:
    match = _SPAN.match(line)
    if match is None:
        return Port(number, line)
    words = [word for word in match["rest"].split() if word in _STATES]
    return Port(number, f"{match['name']} {match['what']}", " ".join(words))
