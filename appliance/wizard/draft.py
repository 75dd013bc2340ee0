# SPDX-License-Identifier: GPL-2.0-or-later
"""The configuration that the answers make of the one that is there: what they do not name stays as it was written."""

import difflib
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
import tomlkit
from tomlkit import TOMLDocument
from tomlkit.items import AoT, Table

from appliance.config.load import read_config
from appliance.config.model import BoxConfig
from appliance.wizard.machine import LOOPBACK
from appliance.wizard.question import YES, Answers, Site

FIRST_AGENT: Final = "8001"
QUEUES: Final = ("sales", "service")
"""Queues of the flow `hotline` (`appliance/config/examples/flows`)."""
FLOW: Final = "hotline"
SWITCH_PORT: Final = 5070
_HEAD: Final = """\
# MXBox: made by `mxbox setup`, which may be run again; what you write here stays.
# All keys: appliance/config/schema.json. Check it: mxbox config check FILE

"""


def made_anew(site: Site) -> bool:
    """Return whether there is no configuration yet."""
    return site.new


def draft(site: Site, answers: Answers) -> str:
    """Return the new text of the configuration; the old one if no answer changes anything."""
    document = tomlkit.parse(site.text or _HEAD)
    for path, value in _values(site.config, answers):
        _put(document, site.config, path, value)
    _lines(document, site, answers)
    _people(document, site, answers)
    return tomlkit.dumps(document)


def changes(site: Site, answers: Answers) -> Sequence[str]:
    """Return the lines that are added (+) and removed (-)."""
    old, new = site.text.splitlines(), draft(site, answers).splitlines()
    marked = [line for line in difflib.unified_diff(old, new, lineterm="", n=0) if line[:2] not in ("++", "--", "@@")]
    return [line for line in marked if line[1:].strip() and not line[1:].startswith("#")]


def _values(config: BoxConfig, answers: Answers) -> Iterator[tuple[str, object]]:
    """Return keys and their values by the answers."""
    yield "language", answers["language"]
    yield "site.timezone", answers["timezone"]
    yield "site.area_code", answers["area_code"].replace("-", "")
    bind = answers["bind"]
    if bind not in config.edge.bind[:1] or not config.edge.enabled:
        yield "edge.enabled", True
        yield "edge.bind", [bind]
        yield "sip.bind", LOOPBACK
        yield "provisioning.enabled", True
        yield "provisioning.bind", bind
        yield "provisioning.host", bind
        if config.sip.port == config.edge.port:
            yield "sip.port", SWITCH_PORT
    yield "web.enabled", answers["web"] == YES
    if answers["web"] == YES:
        yield "web.bind", bind


def _put(document: TOMLDocument, config: BoxConfig, path: str, value: object) -> None:
    """Set a key, unless it has this value already."""
    *tables, key = path.split(".")
    now: Any = config
    for name in path.split("."):
        now = getattr(now, name)
    if msgspec.to_builtins(now) == value:
        return
    place: Any = document
    for name in tables:
        if name not in place:
            place[name] = tomlkit.table()
        place = place[name]
    place[key] = value


def _lines(document: TOMLDocument, site: Site, answers: Answers) -> None:
    known = [each.address for each in site.config.span]
    for port in site.machine.ports:
        side, address = answers.get(f"side{port.number}", "unused"), f"dahdi:{port.number}"
        if side == "unused":
            continue
        given = {"side": side, "crc4": answers[f"crc4{port.number}"] == YES}
        if address in known:
            now = site.config.span[known.index(address)]
            table: Any = document["span"][known.index(address)]
            for key, value in given.items():
                if getattr(now, key) != value:
                    table[key] = value
        else:
            _add(document, "span", {"address": address, **given})
    if answers.get("simulator") == YES:
        _add(document, "span", {"address": simulator(site)})
    if len(read_config(tomlkit.dumps(document), str(site.file)).config.span) > 1:
        _put(document, site.config, "profile", "mx90")


def simulator(site: Site) -> str:
    """Return the address of a line whose other end is the simulator."""
    run = site.file.absolute().parent / site.config.paths.run
    return f"tdmoe:{run}/near.sock,{run}/far.sock?frames=20"


def _people(document: TOMLDocument, site: Site, answers: Answers) -> None:
    if number := answers.get("extension"):
        name = answers.get("name", "-")
        _add(document, "extension", {"number": number, **({"name": name} if name != "-" else {})})
    if hotline := answers.get("hotline"):
        phone = number or (site.config.extension[0].number if site.config.extension else "")
        if not site.config.agent and phone:
            _add(document, "agent", {"number": FIRST_AGENT, "extension": phone, "start": "ready"})
        agents = [site.config.agent[0].number] if site.config.agent else [FIRST_AGENT] if phone else []
        for queue in QUEUES:
            if queue not in [each.name for each in site.config.queue]:
                _add(document, "queue", {"name": queue, "agents": agents})
        _add(document, "route", {"called": hotline, "flow": FLOW})


def _add(document: TOMLDocument, name: str, values: dict[str, object]) -> None:
    table: Table = tomlkit.table()
    for key, value in values.items():
        table[key] = value
    if name in document:
        tables = document[name]
        assert isinstance(tables, AoT)
        tables.append(table)
    else:
        tables = tomlkit.aot()
        tables.append(table)
        document[name] = tables
