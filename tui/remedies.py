# SPDX-License-Identifier: GPL-2.0-or-later
"""Remedies: what each kind of trouble means for callers, and what to do about it."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from appliance.i18n import N_


class Remedy(NamedTuple):
    """Both are msgids."""

    meaning: str
    remedy: str


REMEDIES: Final[Mapping[str, Remedy]] = {
    "span": Remedy(
        N_("A line went out of service, or came back. While it is out, new calls take other lines."),
        N_("Look at the line's verdict (screen 2). Red: cable, plug, far end. Yellow: our transmit pair."),
    ),
    "d_channel": Remedy(
        N_("The signalling of a span carried something that is wrong, or an exchange that does not keep to ISDN."),
        N_("If it comes again: look at CRC and slips of the span, and ask the exchange's operator."),
    ),
    "switch": Remedy(
        N_("The switch told something that does not fit what call control knows. The call was not ended by it."),
        N_("Once is no harm. Often: save the logs of the hour, and report it with the call's number."),
    ),
    "internal": Remedy(
        N_("A fault of the box's own programs. It was contained: at most the calls that are named were ended."),
        N_("Save the logs and report it. The trouble's text names the place."),
    ),
    "crash": Remedy(
        N_("A process of the box ended by itself and was started again. Its calls were lost; the books are whole."),
        N_("Look at its last words in the text and at the journal. Twice in a day: report it."),
    ),
    "restart": Remedy(
        N_("A process of the box was ended on purpose, by a person or an update, and was started again."),
        N_("Nothing, if that was meant. Else: the operation log says who did it."),
    ),
    "not_ready": Remedy(
        N_("A process cannot run now: a driver is not loaded, a card is not there, a disk is full. It is tried again."),
        N_("Do what the text says; the box goes on by itself."),
    ),
    "late_ticks": Remedy(
        N_("The switch began its work late: callers may have heard gaps. The machine had no time for it."),
        N_("Look for what else ran: backups, copies, other programs. `mxbox status` shows the work of a tick."),
    ),
    "disk": Remedy(
        N_("The disk took nothing for a while. Calls went on; their records waited in memory."),
        N_("Look at free room and at the disk's health. Longer than that, and records are lost."),
    ),
    "books": Remedy(
        N_("The books refused or lost records. Calls are not touched; their records are not complete."),
        N_("Run `mxbox ledger`: it names the calls. Keep the books' file for the report."),
    ),
    "operations": Remedy(
        N_("The log of who changes what could not be written. What is changed waits in memory until it can."),
        N_("Look at free room on the disk, then run `mxbox log verify`: all rows should be as they were written."),
    ),
    "recording": Remedy(
        N_("A recording has a fault or is lost."),
        N_("Look at free room on the disk of recordings, and at the right to write there."),
    ),
    "sounds": Remedy(
        N_("A file of sound could not be read; what was played before is played on."),
        N_("Put a WAV file in its place: 8000 Hz, one channel, 16 bits. Then: mxbox reload."),
    ),
    "prompt_missing": Remedy(
        N_("A prompt is missing, and callers heard nothing in its place."),
        N_("Record it (screen 6), or put the file where the text says."),
    ),
    "flow": Remedy(
        N_("A flow named something that is not there. The caller was sent on by `otherwise` of that node."),
        N_("Mend the flow, try it by `mxbox flow check`, then `mxbox reload`."),
    ),
    "flow_missing": Remedy(
        N_("A number leads to a flow that is not loaded: its callers are turned away."),
        N_("Write the flow or change the route, then `mxbox reload`."),
    ),
    "ask": Remedy(
        N_("A look-up of a flow failed or took too long. The caller was sent on by `failed` of that node."),
        N_("Look at the table that the text names: is it there, is it whole, is it too long?"),
    ),
    "queue": Remedy(
        N_("A queue was taken out of the configuration while callers waited: they were sent on."),
        N_("Nothing, if that was meant. Else put it back and reload."),
    ),
    "agent": Remedy(
        N_("An agent was paused or signed out by the box, or keyed wrong PINs."),
        N_("Ask the agent; the pause ends by *63, or by `mxbox agent ready`. PINs: `mxbox agent pin`."),
    ),
    "voicemail": Remedy(
        N_("A message has a fault, or a box of messages was given wrong PINs."),
        N_("A fault: look at the disk. PINs: `mxbox voicemail pin` makes a new one."),
    ),
    "conference": Remedy(
        N_("A conference has no PIN, or was given wrong ones."),
        N_("`mxbox conference pin` makes one. Wrong ones from outside, again and again: somebody tries."),
    ),
    "duty": Remedy(
        N_("Nobody was on duty when a caller asked for the duty list."),
        N_("`mxbox duty check` lists the gaps of the next four weeks; `mxbox duty set` fills them."),
    ),
    "forward_loop": Remedy(
        N_("Forwards lead round in a circle: the caller reached nobody."),
        N_("Look at the forwards of the extensions that the call names, and take one out."),
    ),
    "unknown_phone": Remedy(
        N_("A phone called that no extension has: its call was rejected."),
        N_("Add the extension, or take the phone off the network: somebody may be trying."),
    ),
    "no_line": Remedy(
        N_("A call was to go out on a line that the switch has no card for."),
        N_("Look at the routes and trunks of the configuration, and at the lines (screen 2)."),
    ),
    "sip": Remedy(
        N_("A SIP call could not be begun or went wrong in the switch."),
        N_("Look at the call's ladder. If the address is wrong: the line in the configuration."),
    ),
    "edge": Remedy(
        N_("The SIP edge was started anew, or shut a sender out."),
        N_("A sender that is yours: `mxbox edge unblock`, and mend its password. Else nothing: it is shut out."),
    ),
    "trunk": Remedy(
        N_("A SIP trunk is not registered or its name has no address, or it is well again."),
        N_("Look at the network and the name server, then at user and password with the provider."),
    ),
    "provisioning": Remedy(
        N_("A phone could not fetch its settings, or asked in a wrong way."),
        N_("Look at its address and model in the configuration; `mxbox extension provision` makes a new link."),
    ),
    "mail": Remedy(
        N_("A voice message was not sent by mail. It stays in its box."),
        N_("Look at `[mail]`: server, user, password; the text has the server's answer."),
    ),
}  # fmt: skip
"""By kind of trouble."""

UNKNOWN: Final = Remedy(
    N_("There is no text about this kind of trouble yet."), N_("Look at what else happened within a minute, below.")
)


def remedy_of(kind: str) -> Remedy:
    """Return the remedy of a kind of trouble."""
    return REMEDIES.get(kind, UNKNOWN)
