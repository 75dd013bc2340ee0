# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands that show the present state: `mxbox status`, `agents`, `queues`, `watch`."""

import argparse
import sys
from collections.abc import Iterator
from typing import Any, get_args

import msgspec

from appliance.api.messages import Agents, AgentsReply, Queues, QueuesReply, Status, StatusReply, Topic, Update
from appliance.cli.ask import client
from appliance.cli.command import Command
from appliance.cli.edge import until
from appliance.cli.output import clock, facts, length, show, show_json, size, table, verdict
from appliance.cli.spans import SPANS
from appliance.cli.system import coloured
from appliance.cli.words import text_of, word
from appliance.contract.edge import EdgeState
from appliance.contract.reasons import in_words, shown
from appliance.contract.rows import AgentRow
from appliance.contract.switch import StatusReport
from appliance.i18n import N_, _, filled, ngettext

BLOCKED_SHOWN = 2
"""Blocks of the edge that the one view lists."""


MAX_CRASHES = 3


def status(args: argparse.Namespace) -> int:
    """Show the box in one view; 1 if it is not healthy."""
    with client(args) as box:
        reply = box.ask(Status(), StatusReply)
    if args.json:
        show_json(reply)
    else:
        show(facts(_status_facts(reply)), "", _card_table(reply.switch))
    return 0 if reply.healthy else 1


def _status_facts(reply: StatusReply) -> Iterator[tuple[str, Any]]:
    yield (
        _("box"),
        _("MXBox {version}, {profile}, up {time}").format(
            version=reply.version, profile=reply.profile, time=length(reply.up_s)
        ),
    )
    yield _("health"), _health(reply)
    for crash in reply.crashes[:MAX_CRASHES]:
        ago = length((reply.at - crash.started_at) / 1000)
        yield _("crash"), verdict(_("{time} ago: {what}").format(time=ago, what=text_of(crash)), good=False)
    yield _("switch"), _switch_line(reply)
    calls = ngettext("{n} call up", "{n} calls up", reply.calls_up).format(n=reply.calls_up)
    waiting = ngettext("{n} caller waits", "{n} callers wait", reply.waiting).format(n=reply.waiting)
    total = reply.calls_total
    yield _("calls"), _("{calls}, {waiting}, {total} in all").format(calls=calls, waiting=waiting, total=total)
    agents = ", ".join(f"{word(state)} {count}" for state, count in reply.agents.items() if count)
    if reply.edge is not None:
        yield _("edge"), _edge_line(reply.edge)
    yield _("agents"), agents or _("none")
    yield _("books"), _store_line(reply)


def _health(reply: StatusReply) -> Any:
    if reply.healthy:
        return verdict(_("healthy"), good=True)
    ill = [_("span {number}").format(number=s.span) for s in reply.spans if not s.in_service]
    ill += [] if reply.edge is None or reply.edge.healthy else [_("edge")]
    ill += [] if reply.connected else [_("switch")]
    ill += [_("a crash in the last hour")] if reply.crashes else []
    ill += [_("books")] if reply.store.error or reply.store.waiting or reply.store.lost else []
    return verdict(_("needs attention") + (": " + ", ".join(ill) if ill else ""), good=False)


def _switch_line(reply: StatusReply) -> Any:
    if not reply.connected:
        return verdict(_("not connected: it is being started again, or look at its log"), good=False)
    if reply.switch is None:
        return _("connected, has not reported yet")
    report = reply.switch
    text = _("connected; work of a tick: median {p50:.2f} ms, 99 % under {p99:.2f} ms, most {most:.2f} ms; {late} late")
    return text.format(
        p50=report.tick_us_p50 / 1000,
        p99=report.tick_us_p99 / 1000,
        most=report.tick_us_max / 1000,
        late=report.late_ticks,
    )


def _edge_line(edge: EdgeState) -> Any:
    if not edge.up:
        return verdict(_("does not answer: it is being started again, or look at its log"), good=False)
    words = [ngettext("{n} extension registered", "{n} extensions registered", edge.phones).format(n=edge.phones)]
    for trunk in edge.trunks:
        text = _("trunk {name} not registered") if trunk.registers else _("trunk {name} needs no registration")
        words.append((_("trunk {name} registered") if trunk.registered else text).format(name=trunk.name))
    words += [until(each) for each in edge.blocked[:BLOCKED_SHOWN]]
    if len(edge.blocked) > BLOCKED_SHOWN:
        words.append(_("{n} more blocked, see `mxbox edge blocked`").format(n=len(edge.blocked) - BLOCKED_SHOWN))
    return verdict(", ".join(words), good=edge.healthy)


def _store_line(reply: StatusReply) -> Any:
    books = reply.store
    if books.error or books.waiting or books.lost:
        text = _("{waiting} records wait to be written, {lost} lost: {error}")
        return verdict(text.format(waiting=books.waiting, lost=books.lost, error=in_words(books.error)), good=False)
    return _("{size}, up to event {seq}").format(size=size(books.bytes), seq=books.last_seq)


def _card_table(report: StatusReport | None) -> Any:
    return table(
        (_("line"), _("in use"), _("of"), _("state"), _("counters")),
        (
            (
                filled(_(card.name), card.values),
                card.in_use,
                card.rows,
                verdict(shown(card.detail, card.values), good=card.healthy),
                ", ".join(f"{word(name)} {count}" for name, count in card.counters.items() if count),
            )
            for card in (report.cards if report else ())
        ),
        right=(1, 2),
        empty=_("the switch has not reported yet"),
        spare=(4,),
    )


def agents(args: argparse.Namespace) -> int:
    """Show the agents, their states and their calls."""
    with client(args) as box:
        reply = box.ask(Agents(), AgentsReply)
    if args.json:
        show_json(reply)
        return 0
    columns = (
        _("agent"),
        _("name"),
        _("extension"),
        _("chose"),
        _("state"),
        _("since"),
        _("call"),
        _("queues"),
        _("offered"),
        _("answered"),
        _("dialled"),
        _("last code"),
        _("today"),
        _("skills"),
    )
    rows = (
        (
            each.agent,
            each.name,
            each.extension,
            word(each.status) + (f" ({each.reason})" if each.reason else ""),
            word(each.state),
            _since(each),
            each.call or "",
            ", ".join(each.queues),
            each.offered,
            each.answered,
            each.dialled,
            each.wrap_up_code,
            f"{each.today.answered}/{each.today.offered}" if each.today else "",
            " ".join(f"{skill} {level}" for skill, level in each.skills.items()),
        )
        for each in reply.agents
    )
    show(
        table(columns, rows, right=(5, 6, 8, 9, 10), empty=_("no agent is configured"), spare=(13, 11, 10, 9, 8, 7, 6))
    )
    return 0


def _since(agent: AgentRow) -> str:
    """Return for how long an agent is in a state, and what is left of a wrap-up."""
    if not agent.wrap_up_left_s:
        return length(agent.state_s)
    left = length(agent.wrap_up_left_s)
    return _("{time}, {left} left").format(time=length(agent.state_s), left=left)


def queues(args: argparse.Namespace) -> int:
    """Show the queues and the callers that wait in them."""
    with client(args) as box:
        reply = box.ask(Queues(), QueuesReply)
    if args.json:
        show_json(reply)
        return 0
    columns = (
        _("queue"),
        _("waiting"),
        _("longest"),
        _("idle"),
        _("busy"),
        _("signed in"),
        _("entered"),
        _("answered"),
        _("abandoned"),
    )
    rows = (
        (
            coloured(each.queue, each.colour),
            len(each.waiting),
            length(max((caller.wait_s for caller in each.waiting), default=0)),
            each.idle,
            each.busy,
            each.signed_in,
            each.entered,
            each.answered,
            each.abandoned,
        )
        for each in reply.queues
    )
    show(table(columns, rows, right=range(1, 9), empty=_("no queue is configured"), spare=(6, 5, 8)))
    waiting = [(each.queue, place, caller) for each in reply.queues for place, caller in enumerate(each.waiting, 1)]
    if waiting:
        places = ((name, place, who.caller, length(who.wait_s), who.call) for name, place, who in waiting)
        show("", table((_("queue"), _("place"), _("caller"), _("waits"), _("call")), places, right=(1, 3, 4)))
    backs = [(each.queue, back) for each in reply.queues for back in each.callbacks]
    if backs:
        headings = (_("queue"), _("call-back"), _("place"), _("number"), _("state"), _("tries"), _("call"))
        lines = ((name, b.callback, b.place or "", b.number, word(b.state), b.tries, b.call) for name, b in backs)
        show("", table(headings, lines, right=(1, 2, 5, 6)))
    return 0


def watch(args: argparse.Namespace) -> int:
    """Print updates, line by line, until the box ends or Ctrl-C."""
    with client(args) as box:
        for update in box.updates(*args.topics):
            sys.stdout.write(_update_line(update, as_json=args.json) + "\n")
            sys.stdout.flush()
    return 0


def _update_line(update: Update, *, as_json: bool) -> str:
    if as_json:
        return msgspec.json.encode(update).decode()
    what = msgspec.to_builtins(update.what)
    kind = what.pop("type", "")
    values = " ".join(f"{name}={text}" for name, value in what.items() if (text := _plain(value)))
    return f"{clock(update.at)}  {kind:<18} {values}"


def _plain(value: Any) -> str:
    """Return a value as a word: a party by its number, a list by its parts."""
    if isinstance(value, dict):
        return str(value.get("number") or value.get("name") or "")
    if isinstance(value, list | tuple):
        return ",".join(map(_plain, value))
    return str(value)


def _topics(parser: argparse.ArgumentParser) -> None:
    help_text = _("what to follow (all but status): {topics}").format(topics=", ".join(get_args(Topic)))
    parser.add_argument("topics", metavar="TOPIC", nargs="*", choices=[*get_args(Topic), []], help=help_text)


COMMANDS = (
    Command(
        "status",
        N_("the box in one view: health, switch, calls, agents, books, lines"),
        status,
        ("mxbox status", "mxbox status --json", "mxbox status --socket /run/mxbox/control.sock"),
        N_("Exit status 0 if the box is healthy, 1 if it needs attention or does not answer."),
        asks=True,
    ),
    SPANS,
    Command(
        "agents", N_("the agents: what they chose, what they do, since when"), agents, ("mxbox agents",), asks=True
    ),
    Command("queues", N_("the queues: who waits, who serves"), queues, ("mxbox queues",), asks=True),
    Command(
        "watch",
        N_("what happens, line by line, as it happens"),
        watch,
        ("mxbox watch", "mxbox watch calls agents", "mxbox watch --json spans troubles"),
        N_("Ends with Ctrl-C. With --json, one document a line."),
        arguments=_topics,
        asks=True,
    ),
)
