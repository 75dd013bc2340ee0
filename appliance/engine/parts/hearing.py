# SPDX-License-Identifier: GPL-2.0-or-later
"""Gains as pure functions of the members: activities state them, and the differ of `mix` compares them.

The third part of a key is what is heard of a leg: `call.VOICE`, `PLAYED`, `ASIDE`. A conference is a negative number
(`parts.conference`).
"""

from collections.abc import Iterable

from appliance.engine.parts.call import ASIDE, PLAYED, VOICE, Leg, Mixed


def hears(listener: Leg, *speakers: Leg) -> Mixed:
    """Return gains: one leg hears others."""
    return {(listener.number, speaker.number, VOICE): 1.0 for speaker in speakers if speaker is not listener}


def talk(a: Leg, b: Leg) -> Mixed:
    """Return gains: each party hears the other, unless that one holds."""
    pairs = ((a, b), (b, a))
    return {(listener.number, speaker.number, VOICE): 1.0 for listener, speaker in pairs if not speaker.held}


def room(members: Iterable[Leg], speakers: Iterable[Leg] | None = None) -> Mixed:
    """Return gains: all members hear the speakers (None: all), each without its own voice."""
    members = tuple(members)
    heard = members if speakers is None else tuple(speakers)
    entries = ((listener, speaker) for listener in members for speaker in heard if not speaker.held)
    return {(listener.number, speaker.number, VOICE): 1.0 for listener, speaker in entries if speaker is not listener}


def listen(supervisor: Leg, *parties: Leg) -> Mixed:
    """Return gains: a supervisor hears all that is said and all that is played, and no party hears the supervisor."""
    played = {(supervisor.number, party.number, PLAYED): 1.0 for party in parties if party.playing}
    return {**hears(supervisor, *parties), **played}


def whisper(supervisor: Leg, coached: Leg, *others: Leg) -> Mixed:
    """Return gains: a supervisor hears all parties, and one of them hears the supervisor, which no recording does."""
    return {**listen(supervisor, coached, *others), (coached.number, supervisor.number, ASIDE): 1.0}


def barge(supervisor: Leg, *parties: Leg) -> Mixed:
    """Return gains: a supervisor talks with all parties."""
    return room((supervisor, *parties))
