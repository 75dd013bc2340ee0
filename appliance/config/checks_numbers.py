# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks of the numbering plan: no number twice, none out of reach, no call sent in a ring or to nowhere."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from appliance.config.base import DUTY
from appliance.config.duty import DutyConfig
from appliance.config.errors import Mistake
from appliance.config.known import among
from appliance.config.model import BoxConfig
from appliance.i18n import _

IN_TALK: Final = ("transfer", "consult", "park_talk", "conference", "record", "record_pause", "survey")
"""Feature codes that are pressed during a talk; all others are dialled."""
NUMBER_FOLLOWS: Final = (
    "forward_always",
    "forward_busy",
    "forward_no_answer",
    "meet",
    "pick_up",
    "agent_sign_in",
    "agent_pause",
    "listen",
    "move_caller",
    "play_recording",
    "prefer_caller",
    "record_prompt",
    "voicemail",
    "leave_message",
    "plan",
)
"""Feature codes behind which a number is dialled, or may be."""


def numbers(config: BoxConfig) -> Iterator[tuple[str, str]]:
    """Return all numbers that are dialled inside, each with its key; built-in ones first."""
    for name in config.codes.__struct_fields__:
        if code := getattr(config.codes, name):
            yield f"codes.{name}", code
    yield from ((f"keyed[{n}].code", each.code) for n, each in enumerate(config.keyed) if each.code)
    yield from (("parking.first", place) for place in config.parking.numbers)
    yield from ((f"extension[{n}].number", each.number) for n, each in enumerate(config.extension))
    yield from ((f"hunt[{n}].number", each.number) for n, each in enumerate(config.hunt))
    yield from ((f"duty[{n}].number", each.number) for n, each in enumerate(config.duty) if each.number)
    yield from ((f"conference[{n}].number", each.number) for n, each in enumerate(config.conference))
    yield from ((f"voicemail[{n}].number", each.number) for n, each in enumerate(config.voicemail) if each.number)
    yield from ((f"route[{n}].called", each.called) for n, each in enumerate(config.route) if each.called[-1:] != "*")


def twice(config: BoxConfig) -> Iterator[Mistake]:
    """Check that each number inside is used once."""
    taken: dict[str, str] = {}
    conditional = {f"route[{n}].called" for n, each in enumerate(config.route) if each.conditional}
    for key, number in numbers(config):
        other = taken.setdefault(number, key)
        if other == key or (
            _table(other) == _table(key) not in ("hunt", "duty", "voicemail")
        ):  # `checks.twice` and `checks_routes` report those
            continue
        if key in conditional and _table(other) in (
            "extension",
            "hunt",
            "duty",
        ):  # if no condition fits, that one rings
            continue
        hint = _("every number inside the house only once")
        if key.startswith("codes."):
            hint = _('every code only once; "" switches a feature off')
        yield Mistake(key, number, _("is {other} as well").format(other=_told(other)), hint)


def _table(key: str) -> str:
    return key.partition("[")[0]


def _told(key: str) -> str:
    return _("a place where calls are parked (parking.first, parking.places)") if key == "parking.first" else key


def emergency(config: BoxConfig) -> Iterator[Mistake]:
    """Check that emergency numbers are used for nothing else."""
    calls_for_help, prefix = _emergency(config), config.outside.prefix
    hint = _("an emergency number calls for help and nothing else: choose another (outside.emergency)")
    for place, each in enumerate(config.outside.emergency):
        if each in ("", "*"):
            message = _("would make every call an emergency call") if each else _("is no number")
            yield Mistake(f"outside.emergency[{place}]", each, message, _('e.g. "110", or "95*" for all that begin so'))
    for _from, key, to in onward(config):
        if calls_for_help(to) or calls_for_help(to.removeprefix(prefix)):
            yield Mistake(key, to, _("{number} is an emergency number").format(number=to), hint)
    for key, number in (*numbers(config), ("outside.prefix", prefix)):
        if calls_for_help(number):
            shown = config.parking.first if key == "parking.first" else number
            yield Mistake(key, shown, _("{number} is an emergency number").format(number=number), hint)
        elif key.startswith("codes.") and key[6:] in NUMBER_FOLLOWS:
            for each in sorted(each for each in config.outside.emergency if each.startswith(number)):
                yield Mistake(key, number, _("begins the emergency number {number}").format(number=each), hint)


def _emergency(config: BoxConfig) -> Callable[[str], bool]:
    """Return a predicate for emergency numbers outside."""
    exact = {each for each in config.outside.emergency if not each.endswith("*")} - {""}
    beginnings = tuple(each[:-1] for each in config.outside.emergency if each.endswith("*") and each != "*")
    return lambda number: number in exact or number.startswith(beginnings)


def reached(config: BoxConfig) -> Iterator[Mistake]:
    """Check that no number hides one that begins in the same way."""
    prefix = config.outside.prefix
    codes = {getattr(config.codes, name): name for name in NUMBER_FOLLOWS if getattr(config.codes, name)}
    for key, number in numbers(config):
        if key.startswith("codes.") and key[6:] in IN_TALK:
            continue
        if number.startswith(prefix) and number != prefix:
            message = _("begins with the outside prefix {prefix}: {rest} outside cannot be dialled")
            hint = _("choose a number that begins otherwise, or another outside.prefix")
            shown = config.parking.first if key == "parking.first" else number
            yield Mistake(key, shown, message.format(prefix=prefix, rest=number[len(prefix) :]), hint)
        elif not key.startswith("codes.") and (code := next((each for each in codes if number.startswith(each)), "")):
            message = _("begins with codes.{name} = {code}").format(name=codes[code], code=code)
            yield Mistake(key, number, message, _("choose a number that begins otherwise, or another code"))
    for place, route in enumerate(config.route):
        if route.inside and route.called.endswith("*") and route.called.startswith(prefix):
            message = _("begins with the outside prefix {prefix}: phones never come here").format(prefix=prefix)
            hint = _("take inside out, or choose another outside.prefix")
            yield Mistake(f"route[{place}].called", route.called, message, hint)


def lines(config: BoxConfig) -> Iterator[Mistake]:
    """Check that each extension has a line of its own: else calls of both phones would be the first one's."""
    seen: dict[str, str] = {}
    for place, extension in enumerate(config.extension):
        user, at, host = extension.line.partition("@")
        first = seen.setdefault(user + at + host.lower(), extension.number)
        if first != extension.number:
            message = _("is the line of extension {number} as well").format(number=first)
            yield Mistake(f"extension[{place}].line", extension.line, message, _("every line only once"))


def onward(config: BoxConfig) -> Iterator[tuple[str, str, str]]:
    """Return every forward: (number that is called, key, number the call goes on to)."""
    for n, phone in enumerate(config.extension):
        for name in ("forward_always", "forward_busy", "forward_no_answer"):
            if to := getattr(phone, name):
                yield phone.number, f"extension[{n}].{name}", to
        yield from ((phone.number, f"extension[{n}].follow_me[{at}]", to) for at, to in enumerate(phone.follow_me))
    for n, group in enumerate(config.hunt):
        if group.otherwise:
            yield group.number, f"hunt[{n}].otherwise", group.otherwise
    for n, duty in enumerate(config.duty):
        yield from ((DUTY + duty.name, key, to) for key, to in _on_duty(f"duty[{n}]", duty))


def _on_duty(place: str, duty: DutyConfig) -> Iterator[tuple[str, str]]:
    for n, slot in enumerate(duty.slot):
        yield from ((f"{place}.slot[{n}].call[{at}]", to) for at, to in enumerate(slot.call))
    if duty.otherwise:
        yield f"{place}.otherwise", duty.otherwise


def targets(config: BoxConfig) -> Iterator[Mistake]:
    """Check that forwarded calls go on to numbers that lead somewhere."""
    inside = [
        number for key, number in numbers(config) if key.startswith(("extension", "hunt", "duty", "route", "voicemail"))
    ]
    lists, by_number = {DUTY + duty.name for duty in config.duty}, _lists(config)
    there, prefix = {*inside, *config.outside.emergency, *_boxes(config), *lists}, config.outside.prefix
    patterns = tuple(route.called[:-1] for route in config.route if route.inside and route.called.endswith("*"))
    taken = {number for key, number in numbers(config) if key.startswith(("codes", "parking"))}
    for number, key, to in onward(config):
        outside = to.startswith((prefix, "+")) and to not in (prefix, "+")
        if by_number.get(to, to) == number:
            yield Mistake(key, to, _("is the number itself"), _("name another number, or take the key out"))
        elif to in taken or not (outside or to in there or to.startswith(patterns)):
            known = sorted(lists) if to.startswith(DUTY) else inside
            outside_hint = _("or {prefix} and a number outside").format(prefix=prefix)
            yield Mistake(key, to, _("leads nowhere"), among(known, to) + "; " + outside_hint)
    for n, route in enumerate(config.route):
        if route.flow.startswith(DUTY) and route.flow not in lists:
            hint = among(sorted(lists), route.flow)
            yield Mistake(f"route[{n}].flow", route.flow, _("there is no such duty list"), hint)


def _lists(config: BoxConfig) -> dict[str, str]:
    """Return how duty lists are written, by their numbers."""
    return {duty.number: DUTY + duty.name for duty in config.duty if duty.number}


def _boxes(config: BoxConfig) -> Iterator[str]:
    """Return the numbers that lead to boxes by the code for leaving a message."""
    code = config.codes.leave_message
    for box in config.voicemail if code else ():
        yield from (code + number for number in (box.extension, box.number) if number)


def rings(config: BoxConfig) -> Iterator[Mistake]:
    """Check that no call goes round for ever. Each ring is reported once, where it closes."""
    ways: dict[str, list[tuple[str, str]]] = {}
    lists = _lists(config)
    always = {phone.number for phone in config.extension if phone.forward_always}
    for number, key, to in (*onward(config), *_members(config)):
        to = lists.get(to, to)  # noqa: PLW2901 - a list has two names
        if to != number and (number not in always or key.endswith(".forward_always")):
            ways.setdefault(number, []).append((key, to))
    done: set[str] = set()
    for start in ways:
        if start not in done:
            yield from _rings_from(start, ways, done)


def _members(config: BoxConfig) -> Iterator[tuple[str, str, str]]:
    """Return the members of groups that ring in turn: each goes on by its own forwards.

    In one that rings all, none does.
    """
    for n, group in enumerate(config.hunt):
        if group.order != "all":
            yield from ((group.number, f"hunt[{n}].extensions[{at}]", to) for at, to in enumerate(group.extensions))


def _rings_from(start: str, ways: dict[str, list[tuple[str, str]]], done: set[str]) -> Iterator[Mistake]:
    """Follow every way on from `start`, each number once; return a mistake for each ring."""
    path, open_ways = {start: 0}, [iter(ways.get(start, ()))]  # a dictionary keeps the order and is quick to search
    while path:
        key, to = next(open_ways[-1], ("", ""))
        if not key:
            done.add(path.popitem()[0])
            open_ways.pop()
        elif to in path:
            ring = " -> ".join([*list(path)[path[to] :], to])
            hint = _("let one of these numbers lead out of the ring")
            yield Mistake(key, to, _("calls go round for ever: {ring}").format(ring=ring), hint)
        elif to not in done:
            path[to] = len(path)
            open_ways.append(iter(ways.get(to, ())))


def times(config: BoxConfig) -> Iterator[Mistake]:
    """Check that ringing times are above 0."""
    for n, phone in enumerate(config.extension):
        for name in ("ring_s", "follow_me_ring_s"):
            if getattr(phone, name) <= 0:
                yield _no_time(f"extension[{n}].{name}", getattr(phone, name))
    for n, group in enumerate(config.hunt):
        if group.ring_s <= 0:
            yield _no_time(f"hunt[{n}].ring_s", group.ring_s)
    for n, duty in enumerate(config.duty):
        if duty.ring_s <= 0:
            yield _no_time(f"duty[{n}].ring_s", duty.ring_s)


def _no_time(key: str, value: float) -> Mistake:
    return Mistake(key, value, _("nobody can answer in that time"), _("allowed: a number above 0"))


def texts(config: BoxConfig) -> Iterator[Mistake]:
    """Check that every text is one line. Names go into SIP messages, where a line end begins another header."""
    for name, value in _values(config):
        if isinstance(value, str) and any((each < " " and each != "\t") or each == "\x7f" for each in value):
            yield Mistake(name, value, _("holds a line end or another control character"), _("write it in one line"))


def _values(config: BoxConfig) -> Iterable[tuple[str, object]]:
    for table in config.__struct_fields__:
        value = getattr(config, table)
        items = [(table, value)]
        if isinstance(value, tuple):
            items = [(f"{table}[{n}]", each) for n, each in enumerate(value)]
        for key, item in items:
            if not hasattr(item, "__struct_fields__"):
                yield key, item
                continue
            for name in item.__struct_fields__:
                inner = getattr(item, name)
                if isinstance(inner, tuple):
                    yield from ((f"{key}.{name}[{n}]", each) for n, each in enumerate(inner))
                else:
                    yield f"{key}.{name}", inner


NUMBER_CHECKS: Final = (twice, emergency, reached, lines, targets, rings, times, texts)
