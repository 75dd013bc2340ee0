# SPDX-License-Identifier: GPL-2.0-or-later
"""The machine of a leg: possible events and commands in each state.

States are those of ITU-T Q.931 clause 2.1 as far as call control sees them (U25, U6, U9, U7; U1, U3, U4; U10; U11/U12),
for lines of every kind. An entry has the next state and the use of the input.
"""

from enum import Enum, IntEnum, auto
from typing import Final, NoReturn

from appliance.engine.machine import MissingTransition


class LegState(IntEnum):
    """States of a leg. The first four are of incoming legs, the next three of outgoing ones."""

    OVERLAP_RECEIVING = 0
    PRESENT = 1
    INCOMING_PROCEEDING = 2
    RECEIVED = 3
    INITIATED = 4
    OUTGOING_PROCEEDING = 5
    DELIVERED = 6
    ACTIVE = 7
    RELEASING = 8
    GONE = 9


class LegInput(IntEnum):
    """Inputs: events of the line, then commands of the box."""

    DIGITS = 0
    SEIZED = 1
    PROCEEDING = 2
    ALERTING = 3
    EARLY_SOUND = 4
    ANSWERED = 5
    KEY = 6
    CLEARED = 7
    HELD = 8
    RESUMED = 9
    REDIRECTED = 10
    TRANSFER = 11
    DISCONNECTED = 12
    CONNECTED_PARTY = 13
    PROCEED = 14
    ALERT = 15
    ANSWER = 16
    CLEAR = 17


class Use(Enum):
    """Use of an input."""

    IGNORE = auto()  # late or crossed: the other side knows better by now
    ODD = auto()  # the line should not send this; noted as a trouble
    TELL = auto()  # the activity gets it
    SEIZE = auto()  # a channel to account for
    DONE = auto()  # the leg is over
    SEND = auto()  # the command is sent


IGNORE, ODD, TELL, SEIZE, DONE, SEND = Use
*_, PROCEED, ALERT, ANSWER, CLEAR = LegInput
"""Names of the module: the class looks a member up anew each time, and each event asks for them."""
_S, _I, _U = LegState, LegInput, Use
_COMING: Final = (_S.OVERLAP_RECEIVING, _S.PRESENT, _S.INCOMING_PROCEEDING, _S.RECEIVED)
GOING: Final = (_S.INITIATED, _S.OUTGOING_PROCEEDING, _S.DELIVERED)
_LIVE: Final = (*_COMING, *GOING, _S.ACTIVE)

Entry = tuple[LegState, Use]


def _rows() -> dict[tuple[LegState, LegInput], Entry]:
    table: dict[tuple[LegState, LegInput], Entry] = {}
    for state in _COMING:  # the network calls us
        table |= {(state, given): (state, _U.ODD) for given in (_I.PROCEEDING, _I.ALERTING, _I.ANSWERED)}
        table[state, _I.EARLY_SOUND] = (state, _U.ODD)
        table |= {(state, _I.SEIZED): (state, _U.SEIZE), (state, _I.KEY): (state, _U.TELL)}
        table |= {(state, _I.DIGITS): (state, _U.IGNORE), (state, _I.ANSWER): (_S.ACTIVE, _U.SEND)}
        table |= {(state, _I.PROCEED): (state, _U.IGNORE), (state, _I.ALERT): (_S.RECEIVED, _U.SEND)}
        table |= {(state, given): (state, _U.ODD) for given in (_I.HELD, _I.RESUMED, _I.REDIRECTED)}
        table[state, _I.TRANSFER] = (state, _U.IGNORE)
    table[_S.OVERLAP_RECEIVING, _I.DIGITS] = (_S.OVERLAP_RECEIVING, _U.TELL)
    for state in (_S.OVERLAP_RECEIVING, _S.PRESENT):
        table[state, _I.PROCEED] = (_S.INCOMING_PROCEEDING, _U.SEND)
    table[_S.RECEIVED, _I.ALERT] = (_S.RECEIVED, _U.IGNORE)

    for state in GOING:  # we call
        table |= {(state, _I.DIGITS): (state, _U.ODD), (state, _I.KEY): (state, _U.TELL)}
        table |= {(state, _I.SEIZED): (state, _U.SEIZE), (state, _I.PROCEEDING): (state, _U.IGNORE)}
        table |= {(state, _I.ALERTING): (_S.DELIVERED, _U.TELL), (state, _I.ANSWERED): (_S.ACTIVE, _U.TELL)}
        table |= {(state, given): (state, _U.ODD) for given in (_I.HELD, _I.RESUMED)}
        table |= {(state, _I.TRANSFER): (state, _U.IGNORE), (state, _I.REDIRECTED): (state, _U.TELL)}
        table[state, _I.EARLY_SOUND] = (state, _U.TELL)
    table[_S.INITIATED, _I.PROCEEDING] = (_S.OUTGOING_PROCEEDING, _U.IGNORE)

    active, releasing = _S.ACTIVE, _S.RELEASING
    late = (_I.DIGITS, _I.PROCEEDING, _I.ALERTING, _I.EARLY_SOUND)
    table |= {(active, given): (active, _U.IGNORE) for given in (*late, _I.PROCEED, _I.ALERT, _I.ANSWER)}
    table |= {(active, _I.ANSWERED): (active, _U.ODD), (active, _I.SEIZED): (active, _U.SEIZE)}
    table |= {(active, given): (active, _U.TELL) for given in (_I.KEY, _I.HELD, _I.RESUMED, _I.TRANSFER)}
    table[active, _I.REDIRECTED] = (active, _U.ODD)

    said = (_I.ANSWERED, _I.KEY, _I.HELD, _I.RESUMED, _I.REDIRECTED, _I.TRANSFER)
    asked = (_I.PROCEED, _I.ALERT, _I.ANSWER, _I.CLEAR)
    table |= {(releasing, given): (releasing, _U.IGNORE) for given in (*late, *said, *asked)}
    table[releasing, _I.SEIZED] = (releasing, _U.SEIZE)  # the channel was taken before our Clear arrived: it counts

    table |= {(state, _I.CLEAR): (releasing, _U.SEND) for state in _LIVE}
    table |= {(state, _I.DISCONNECTED): (releasing, _U.TELL) for state in _LIVE}
    table |= {(state, _I.CONNECTED_PARTY): (state, _U.TELL) for state in _LIVE}
    table[releasing, _I.CONNECTED_PARTY] = (releasing, _U.IGNORE)
    table[releasing, _I.DISCONNECTED] = (releasing, _U.IGNORE)
    table |= {(state, _I.CLEARED): (_S.GONE, _U.DONE) for state in (*_LIVE, releasing)}
    return table


TABLE: Final = _rows()
"""Missing on purpose: PROCEED, ALERT, ANSWER to a leg we called ourselves, and anything to a leg that is GONE."""


def missing(state: LegState, given: LegInput) -> NoReturn:
    """Raise MissingTransition: a command that such a leg cannot take (a bug)."""
    raise MissingTransition("leg", state.name, given.name)
