# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks whether a configuration of the right shape makes sense. One function a question; each returns its mistakes."""

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from appliance.config.checks_conference import CONFERENCE_CHECKS
from appliance.config.checks_dahdi import DAHDI_CHECKS
from appliance.config.checks_edge import EDGE_CHECKS
from appliance.config.checks_features import FEATURE_CHECKS
from appliance.config.checks_keyed import KEYED_CHECKS
from appliance.config.checks_numbers import NUMBER_CHECKS
from appliance.config.checks_quality import QUALITY_CHECKS
from appliance.config.checks_queues import QUEUE_CHECKS
from appliance.config.checks_recording import RECORDING_CHECKS
from appliance.config.checks_roles import ROLE_CHECKS
from appliance.config.checks_routes import ROUTE_CHECKS
from appliance.config.checks_voicemail import VOICEMAIL_CHECKS
from appliance.config.checks_web import WEB_CHECKS
from appliance.config.errors import Mistake
from appliance.config.known import among
from appliance.config.model import BoxConfig
from appliance.config.queues import QueueConfig
from appliance.contract.address import PHONE, TRUNK, LineAddress
from appliance.i18n import N_, _
from drivers.errors import SpanAddressError
from drivers.span_address import SpanAddress
from drivers.span_places import PLACES
from dsp.tone_table import countries

SPANS: Final = {"mx30": 1, "mx90": 3}
"""E1 ports of each profile."""
PORTS_PER_CALL: Final = 2
"""RTP and RTCP (RFC 3550 clause 11)."""

_PHONE: Final = re.compile(r"sip:[^@:\s]+@[^@:\s]+:(?P<port>[0-9]{1,5})")
_STATION: Final = re.compile(r"station:[0-9*#+]{1,32}")
_HOST: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")

Check = Callable[[BoxConfig], Iterator[Mistake]]


def sense_mistakes(config: BoxConfig) -> Iterator[Mistake]:
    """Return the mistakes of all checks."""
    for check in CHECKS:
        yield from check(config)


def _twice(table: str, key: str, values: Iterable[str]) -> Iterator[Mistake]:
    seen: dict[str, int] = {}
    for place, value in enumerate(values):
        if value in seen:
            first = f"{table}[{seen[value]}]"
            message = _("is there twice, first in {place}").format(place=first)
            yield Mistake(
                f"{table}[{place}].{key}", value, message, _("every {key} only once").format(key=f"{table}.{key}")
            )
        seen.setdefault(value, place)


def country(config: BoxConfig) -> Iterator[Mistake]:
    """Check that the tones of the country are known."""
    if config.country not in countries():
        yield Mistake(
            "country",
            config.country,
            _("the tones of this country are not known"),
            _("known: {names}").format(names=", ".join(countries())),
        )


def twice(config: BoxConfig) -> Iterator[Mistake]:
    """Check that names by which things are found are not used twice."""
    yield from _twice("span", "address", (span.address for span in config.span))
    yield from _twice("extension", "number", (extension.number for extension in config.extension))
    yield from _twice("agent", "number", (agent.number for agent in config.agent))
    yield from _twice("queue", "name", (queue.name for queue in config.queue))
    yield from _twice("keyed", "name", (field.name for field in config.keyed))
    yield from _twice("conference", "number", (each.number for each in config.conference))
    yield from _twice("role", "name", (role.name for role in config.role))
    yield from _twice("duty", "name", (duty.name for duty in config.duty))
    yield from _twice("plan", "name", (plan.name for plan in config.plan))
    yield from _twice("voicemail", "name", (each.name for each in config.voicemail))
    yield from _twice("recording_rule", "name", (rule.name for rule in config.recording_rule))
    yield from _twice("scorecard", "name", (card.name for card in config.scorecard))
    yield from _twice("quality_plan", "name", (plan.name for plan in config.quality_plan))


def spans(config: BoxConfig) -> Iterator[Mistake]:
    """Check that the profile has that many E1 ports, and that each address names a driver."""
    limit = SPANS[config.profile]
    if len(config.span) > limit:
        message = _("{profile} has no E1 port {n}").format(profile=config.profile, n=limit + 1)
        hint = _("allowed: {n} [[span]] at most").format(n=limit)
        if config.profile == "mx30" and len(config.span) <= SPANS["mx90"]:
            hint += "; " + _('or profile = "mx90"')
        yield Mistake(f"span[{limit}]", None, message, hint)
    for place, span in enumerate(config.span):
        if span.address.partition(":")[0] not in PLACES:
            names = ", ".join(f"{name}:" for name in PLACES)
            hint = _("allowed: {names}, each with an address after the colon").format(names=names)
            yield Mistake(f"span[{place}].address", span.address, _("is no address of a span"), hint)
        elif hint := _place_hint(span.address):
            yield Mistake(f"span[{place}].address", span.address, _("is no address of a span"), hint)


_PLACES: Final = {
    "dahdi": N_("allowed: dahdi:<span, 1 to 128>, with ?buffers=<2 to 32>&ahead=<ticks> where needed"),
    "sim": N_("allowed: sim:<name>"),
    "tdmoe": N_(
        "allowed: two different absolute paths, e.g. tdmoe:/run/mxbox/box.sock,/run/mxbox/exchange.sock?frames=20;"
        " also sub=N, local=MAC, remote=MAC, target=N, most=N; frames is 1, 2, 4, 5, 10 or 20"
    ),
}


def _place_hint(text: str) -> str:
    """Parse an address with its driver; return what is allowed if that fails, else ''."""
    try:
        address = SpanAddress.parse(text)
        PLACES[address.scheme](address)
    except SpanAddressError:
        return _(_PLACES[text.partition(":")[0]])
    return ""


def extensions(config: BoxConfig) -> Iterator[Mistake]:
    """Check that each extension's line leads to a phone."""
    for place, extension in enumerate(config.extension):
        key = f"extension[{place}].line"
        if extension.line == str(LineAddress(PHONE, extension.number)):
            continue
        phone = _PHONE.fullmatch(extension.line)
        if not _STATION.fullmatch(extension.line) and not (phone and 1 <= int(phone["port"]) <= 65535):
            hint = _(
                "allowed: phone:{number} for one that registers, sip:<user>@<host>:<port>, e.g. "
                "sip:1001@127.0.0.1:5071, or station:<number>"
            ).format(number=extension.number)
            yield Mistake(key, extension.line, _("is no line of a phone"), hint)
        elif phone and not config.sip.enabled:
            yield Mistake(key, extension.line, _("needs SIP, which is switched off"), _("set sip.enabled = true"))


def agents(config: BoxConfig) -> Iterator[Mistake]:
    """Check that each agent has one place, and that its extension exists."""
    known = dict.fromkeys(extension.number for extension in config.extension)
    for place, agent in enumerate(config.agent):
        if agent.extension and agent.extension not in known:
            yield Mistake(
                f"agent[{place}].extension",
                agent.extension,
                _("there is no such extension"),
                among(known, agent.extension),
            )
        if agent.extension and agent.outside:
            message, hint = _("an agent has one place"), _("set agent.extension or agent.outside, not both")
            yield Mistake(f"agent[{place}].outside", agent.outside, message, hint)
        if not (agent.extension or agent.outside) and agent.start != "signed_out":
            message, hint = (
                _("needs a phone to ring"),
                _('set agent.extension or agent.outside, or start = "signed_out"'),
            )
            yield Mistake(f"agent[{place}].start", agent.start, message, hint)


def queues(config: BoxConfig) -> Iterator[Mistake]:
    """Check that each queue's agents exist, and that it gives them time to answer."""
    known = dict.fromkeys(agent.number for agent in config.agent)
    for place, queue in enumerate(config.queue):
        yield from _staff(f"queue[{place}].agents", queue.agents, known)
        yield from _staff(f"queue[{place}].reserve", queue.reserve, known)
        if queue.ring_s <= 0:
            message, hint = _("no agent can answer in that time"), _("allowed: a number above 0")
            yield Mistake(f"queue[{place}].ring_s", queue.ring_s, message, hint)
        yield from _needs(config, place, queue)


def _needs(config: BoxConfig, place: int, queue: QueueConfig) -> Iterator[Mistake]:
    """Check that the queue's agents can have what it needs, and that there is a skill to choose by."""
    if queue.strategy == "skill" and not queue.needs:
        message, hint = _("there is no skill to choose by"), _("name skills in queue.needs, e.g. { english = 1 }")
        yield Mistake(f"queue[{place}].strategy", queue.strategy, message, hint)
    if not queue.needs:
        return
    members = {*queue.agents, *queue.reserve}
    skills = [agent.skills for agent in config.agent if agent.number in members]
    for skill, level in queue.needs.items():
        if skills and not any(has.get(skill, 0) >= level for has in skills):
            message, hint = _("no agent of the queue has this skill at this level"), _("set agent.skills, or less here")
            yield Mistake(f"queue[{place}].needs.{skill}", level, message, hint)


def _staff(key: str, agents: tuple[str, ...], known: Iterable[str]) -> Iterator[Mistake]:
    seen: set[str] = set()
    for place, agent in enumerate(agents):
        if agent not in known:
            yield Mistake(f"{key}[{place}]", agent, _("there is no such agent"), among(known, agent))
        elif agent in seen:
            yield Mistake(f"{key}[{place}]", agent, _("is there twice"), _("every agent only once in a queue"))
        seen.add(agent)


def sip(config: BoxConfig) -> Iterator[Mistake]:
    """Check that there are ports enough for the calls, and that the address is one."""
    side, wanted = config.sip, PORTS_PER_CALL * config.sip.calls
    there = side.rtp_last - side.rtp_first + 1
    if there < wanted:
        message = _("{n} calls need {wanted} ports, sip.rtp_first to sip.rtp_last are {there}")
        hint = _("two ports a call: lower sip.calls, or set sip.rtp_last = {last}").format(
            last=side.rtp_first + wanted - 1
        )
        yield Mistake("sip.calls", side.calls, message.format(n=side.calls, wanted=wanted, there=max(0, there)), hint)
    if side.rtp_first <= side.port <= side.rtp_last:
        message, hint = _("lies among the ports for sound"), _("choose a port outside sip.rtp_first to sip.rtp_last")
        yield Mistake("sip.port", side.port, message, hint)
    try:
        ipaddress.ip_address(side.bind)
    except ValueError:
        hint = _("allowed: an IP address of this machine, e.g. 127.0.0.1, or 0.0.0.0 for all")
        yield Mistake("sip.bind", side.bind, _("is no IP address"), hint)


def provisioning(config: BoxConfig) -> Iterator[Mistake]:
    """Check that telephones can fetch their settings, and find the box by the settings they are given."""
    side = config.provisioning
    if not side.enabled:
        return
    if not config.edge.enabled:
        message, hint = _("needs the edge, which is switched off"), _("set edge.enabled = true")
        yield Mistake("provisioning.enabled", side.enabled, message, hint)
    try:
        ipaddress.ip_address(side.bind)
    except ValueError:
        hint = _("allowed: an IP address of this machine, e.g. 127.0.0.1, or 0.0.0.0 for all")
        yield Mistake("provisioning.bind", side.bind, _("is no IP address"), hint)
    if side.host and not _HOST.fullmatch(side.host):
        hint = _("allowed: a name or an IP address, e.g. box.example.com or 192.168.1.10")
        yield Mistake("provisioning.host", side.host, _("is no name of a machine"), hint)
    if not (side.host or config.edge.public or "." in config.edge.domain):
        message = _("telephones cannot find the box by its domain {name}").format(name=config.edge.domain)
        hint = _("name the address by which they reach it, e.g. 192.168.1.10")
        yield Mistake("provisioning.host", side.host, message, hint)
    if side.transport == "tls" and not config.edge.tls:
        hint = _("set edge.tls = true, or another transport")
        yield Mistake("provisioning.transport", side.transport, _("is switched off at the edge"), hint)


def outside(config: BoxConfig) -> Iterator[Mistake]:
    """Check that the way outside leads to a trunk group that has a span, or to a SIP trunk."""
    groups = sorted({span.group for span in config.span})
    line = LineAddress.of(config.outside.line)
    if line.scheme == TRUNK:
        known = [str(LineAddress(TRUNK, trunk.name)) for trunk in config.trunk]
        if config.outside.line not in known:
            yield Mistake(
                "outside.line", config.outside.line, _("there is no such trunk"), among(known, config.outside.line)
            )
    elif not line.trunk:
        yield Mistake("outside.line", config.outside.line, _("is no trunk group"), _("allowed: pri:<group>"))
    elif config.span and line.rest not in groups:
        yield Mistake(
            "outside.line",
            config.outside.line,
            _("no span is in this group"),
            among(str(LineAddress(line.scheme, name)) for name in groups),
        )


CHECKS: Final[tuple[Check, ...]] = (
    country,
    twice,
    spans,
    extensions,
    agents,
    queues,
    sip,
    provisioning,
    outside,
    *CONFERENCE_CHECKS,
    *DAHDI_CHECKS,
    *EDGE_CHECKS,
    *FEATURE_CHECKS,
    *KEYED_CHECKS,
    *NUMBER_CHECKS,
    *QUEUE_CHECKS,
    *ROUTE_CHECKS,
    *RECORDING_CHECKS,
    *QUALITY_CHECKS,
    *VOICEMAIL_CHECKS,
    *ROLE_CHECKS,
    *WEB_CHECKS,
)
