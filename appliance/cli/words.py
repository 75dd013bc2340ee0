# SPDX-License-Identifier: GPL-2.0-or-later
"""The books' own words in the reader's language. JSON keeps them unchanged."""

from typing import Final

from appliance.contract.reasons import shown
from appliance.contract.rows import TroubleRow
from appliance.i18n import N_, _

_WORDS: Final = {
    "in": N_("in"), "out": N_("out"), "internal": N_("internal"),
    "caller": N_("caller"), "callee": N_("callee"), "agent": N_("agent"), "extension": N_("extension"),
    "outside": N_("outside"), "supervisor": N_("supervisor"), "member": N_("member"), "conference": N_("conference"),
    "box": N_("box"), "line": N_("line"),
    "answered": N_("answered"), "no_answer": N_("no answer"), "busy": N_("busy"), "abandoned": N_("abandoned"),
    "rejected": N_("rejected"), "failed": N_("failed"), "interrupted": N_("interrupted"),
    "signed_out": N_("signed out"), "ready": N_("ready"), "paused": N_("paused"), "idle": N_("idle"),
    "offered": N_("offered"), "talking": N_("talking"), "wrap_up": N_("wrap-up"), "unreachable": N_("unreachable"),
    "address": N_("number incomplete"), "flow": N_("in a flow"), "waiting": N_("waiting"),
    "offering": N_("being offered"), "announcing": N_("agent announced"), "calling": N_("calling"),
    "speaking": N_("hears a confirmation"), "keying": N_("keys in data"), "parked": N_("parked"), "held": N_("on hold"),
    "consulted": N_("waits for a consultation"), "timeout": N_("waited too long"), "full": N_("queue full"),
    "no_agents": N_("no agent there"), "long_wait": N_("wait too long"), "key": N_("left by key"),
    "service_level": N_("too few served in time"), "left": N_("left"), "withdrawn": N_("no longer needed"),
    "closed": N_("closed"),
    "taken_out": N_("taken out"), "call_back": N_("is called back"), "asleep": N_("not due yet"),
    "trying": N_("being called"),
    "tone": N_("hears a tone"), "originating": N_("ringing back"), "releasing": N_("releasing"),
    "joined": N_("joined"), "muted": N_("muted"), "unmuted": N_("no longer muted"), "asked": N_("asked to speak"),
    "withdrew": N_("no longer asks to speak"), "granted": N_("may speak"), "revoked": N_("may only listen"),
    "removed": N_("removed"), "locked": N_("locked"), "unlocked": N_("opened"), "called": N_("called a number"),
    "ended": N_("ended"),
    "greeting": N_("hears a greeting"), "message": N_("leaves a message"), "messages": N_("messages"),
    "new": N_("new"), "heard": N_("heard"), "saved": N_("saved"), "deleted": N_("deleted"),
    "after_hours": N_("after hours"), "dialled": N_("dialled the box"), "running": N_("under way"),
    "stopped": N_("stopped"),
    "open": N_("open"), "taken": N_("taken"), "done": N_("done"),
    "calls": N_("calls"), "legs": N_("legs"), "channels": N_("channels"), "segments": N_("segments"),
    "queues": N_("queues"), "offers": N_("offers"), "recordings": N_("recordings"), "agents": N_("agents"),
    "keyed": N_("data keyed in"), "surveys": N_("surveys"),
    "troubles": N_("troubles"), "spans": N_("spans"), "status": N_("status"),
    "ticks": N_("ticks"), "slips_repeated": N_("slips (repeated)"), "slips_dropped": N_("slips (dropped)"),
    "frames_lost": N_("frames lost"), "frames_duplicated": N_("frames doubled"),
    "frames_reordered": N_("frames out of order"), "frames_malformed": N_("frames malformed"),
    "hdlc_frames": N_("D frames"), "hdlc_bad_fcs": N_("D frames damaged"), "hdlc_aborted": N_("D frames aborted"),
    "alarms": N_("alarms"), "d_channel_errors": N_("D channel errors"), "refused": N_("refused"),
    "strange_rtp": N_("RTP of strangers"), "queue": N_("queue"), "ring": N_("rings"), "announce": N_("agent announced"),
    "talk": N_("talk"), "hold": N_("on hold"), "park": N_("parked"), "pause": N_("recorded as silence"),
    "review": N_("first score"), "appeal": N_("objection"), "second": N_("second score"), "final": N_("final"),
    "reviewed": N_("reviewed"), "appealed": N_("objected to"), "checked": N_("scored twice"),
    "made": N_("synthesised"), "recorded": N_("recorded"), "own": N_("own"),
    "replace": N_("replaced"), "record": N_("recorded at a phone"), "make": N_("synthesised"),
    "restore": N_("restored"),
}  # fmt: skip


def word(of_the_books: str) -> str:
    """Return one word of the books, translated; a word that is not listed here may be in the catalogue itself."""
    return _(_WORDS.get(of_the_books, of_the_books.replace("_", " ")))


def text_of(trouble: TroubleRow) -> str:
    """Return the text of a trouble in the reader's language."""
    return shown(trouble.msgid, trouble.values) if trouble.msgid else trouble.text
