# SPDX-License-Identifier: GPL-2.0-or-later
"""SIP status codes and Q.850 causes, both ways.

Cause to status: RFC 3398 7.2.4.1; status to cause: RFC 3398 8.2.6.1; where it is silent, ITU-T Q.1912.5.
"""

from typing import Final

from appliance.contract.switch import Cause
from drivers.sip import SipEnded

REQUEST_TIMEOUT: Final = 408
STATUS: Final[dict[int, int]] = {
    # normal event
    1: 404,  # unallocated number
    2: 404,  # no route to network
    3: 404,  # no route to destination
    16: 480,  # normal clearing: no status in RFC 3398; the call was never answered
    17: 486,  # user busy
    18: 408,  # no user responding
    19: 480,  # no answer from the user
    20: 480,  # subscriber absent
    21: 403,  # call rejected
    22: 410,  # number changed
    23: 410,  # redirection to new destination
    25: 482,  # exchange routing error: it goes round in a ring, as the other table has it
    26: 404,  # non-selected user clearing
    27: 502,  # destination out of order
    28: 484,  # address incomplete
    29: 501,  # facility rejected
    31: 480,  # normal, unspecified
    # resource unavailable
    34: 503,  # no circuit available
    38: 503,  # network out of order
    41: 503,  # temporary failure
    42: 503,  # switching equipment congestion
    44: 503,  # requested circuit not available, as its class
    47: 503,  # resource unavailable
    # service or option not available, not implemented
    55: 403,  # incoming calls barred within the closed user group
    57: 403,  # bearer capability not authorised
    58: 503,  # bearer capability not presently available
    65: 488,  # bearer capability not implemented
    70: 488,  # only restricted digital information
    79: 501,  # service or option not implemented
    # invalid message, protocol error, interworking
    87: 403,  # user not member of the closed user group
    88: 503,  # incompatible destination
    102: 504,  # recovery on timer expiry
    111: 500,  # protocol error
    127: 500,  # interworking
}
"""Status of the final response for a call that is refused or given up with a cause."""

STATUS_OTHERWISE: Final = 500
REDIRECTION: Final = 23
"""Q.850: redirection to new destination; a 3xx, which RFC 3398 8.1.8 leaves to the gateway."""

CAUSE: Final[dict[int, int]] = {
    400: 41,  # bad request -> temporary failure
    401: 21,  # -> call rejected
    402: 21,
    403: 21,
    404: 1,  # not found -> unallocated number
    405: 63,  # method not allowed -> service or option not available
    406: 79,  # not acceptable -> service or option not implemented
    407: 21,
    408: 102,  # request timeout -> recovery on timer expiry
    410: 22,  # gone -> number changed
    413: 127,
    414: 127,
    415: 79,  # unsupported media type
    416: 127,
    420: 127,
    421: 127,
    423: 127,
    480: 18,  # temporarily unavailable -> no user responding
    481: 41,
    482: 25,  # loop -> exchange routing error
    483: 25,
    484: 28,  # address incomplete -> invalid number format
    485: 1,
    486: 17,  # busy here -> user busy
    487: 127,  # terminated, but not by us
    488: 127,
    500: 41,
    501: 79,
    502: 38,  # bad gateway -> network out of order
    503: 41,
    504: 102,
    505: 127,
    513: 127,
    600: 17,  # busy everywhere
    603: 21,  # decline -> call rejected
    604: 1,
    606: 127,
}
"""Cause for a final response to our INVITE."""


def status_for(cause: int) -> int:
    """Return the final response that refuses a call for a Q.850 cause."""
    return STATUS.get(cause, STATUS_OTHERWISE)


def cause_for(status: int) -> int:
    """Return the Q.850 cause for the SIP status that ended a call: a final response, or 200 for a BYE."""
    if status < 300:
        return Cause.NORMAL_CLEARING
    if status < 400:
        return REDIRECTION
    return CAUSE.get(status, Cause.INTERWORKING)


def cause_of(event: SipEnded, cause: int | None, *, incoming: bool, answered: bool) -> int:
    """Return the Q.850 cause of a call's end: our own, the far end's (RFC 3326), or that of its SIP status."""
    if cause is not None:
        return cause
    if event.cause is not None:
        return event.cause
    if answered and event.code == REQUEST_TIMEOUT:  # it did not answer a session refresh
        return Cause.DESTINATION_OUT_OF_ORDER
    if 300 <= event.code < 400 and not event.contacts:  # it leads nowhere: as if it had not answered
        return Cause.NO_USER_RESPONDING
    return Cause.NORMAL_CLEARING if incoming and not answered else cause_for(event.code)  # CANCEL
