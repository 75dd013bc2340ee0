# SPDX-License-Identifier: GPL-2.0-or-later
"""Inputs of a call's activity: from legs, time, Reaches, other calls and people."""

from enum import IntEnum, unique


@unique
class In(IntEnum):
    """Inputs of activities. The payload of each stands behind it; `call.Said` names the leg and its event."""

    # from a leg (Said)
    DIGITS = 0
    ALERTING = 1
    EARLY_SOUND = 2
    ANSWERED = 3
    KEY = 4
    PLAYED = 5
    HELD = 6
    RESUMED = 7
    TRANSFER = 8
    REDIRECTED = 9
    ANNOUNCES = 10  # it has disconnected, and plays an announcement
    CLEARED = 11  # with the cause
    RECORDED = 32  # a recording of the leg has ended
    EARLY_KEY = 26  # a key before the answer
    # time
    TIMER = 12  # of the state
    WAIT_OVER = 13  # has waited too long
    STEP = 63  # the next step of a queue is due, or agents signed out
    # from a Reach
    RINGS = 14  # the sound of the legs that ring may have changed
    REACHED = 15  # Leg
    UNREACHED = 16  # cause
    TO_FLOW = 17  # the number leads to a flow: its name
    # other activities and calls
    RETURNED = 18  # (Leg, result): back in the flow
    OFFER = 19  # Agent
    NO_AGENTS = 20
    REPLACED = 21  # Leg that takes the place of the caller
    TAKEN = 22  # Leg of the phone that takes the call
    SUPERVISED = 27  # supervising.Joining
    UNSUPERVISED = 28  # Leg of a supervisor who left
    SENT_ON = 41  # Reaching: where a supervisor sends a caller who waits
    ASIDE = 70  # a key of a queue, which leads the caller aside for a while
    FORGOTTEN = 23  # the call in which its phone consulted is unlinked
    # a conference
    JOINED = 60  # (Leg, whether it is a host)
    CALL_IN = 61  # (number, Leg of the host who calls it or None)
    CONDUCT = 62  # Order
    # asks
    ASK = 29  # Inquire: it begins
    ASK_ANSWERED = 30  # AskAnswered
    ASK_FAILED = 31  # AskFailed
    # messages
    TO_BOX = 33  # the number leads to a box: ToBox
    SPOKEN = 34  # the message is over: a word for its result
    # people and the box
    HANG_UP = 24
    LOST = 25  # the switch is gone
