# SPDX-License-Identifier: GPL-2.0-or-later
"""Datagrams that reach a test's socket but were sent to an earlier one on the same port."""

import socket


def receive_signalling(end: socket.socket) -> tuple[bytes, tuple[str, int]]:
    """Return the next datagram that is no RTP or RTCP (RFC 7983 7: first octet 128 to 191), and its source.

    A port after one of RTP is where RTCP goes, whether or not the test binds it: the system may have given it to the
    signalling of another test.

    Raises:
        TimeoutError, BlockingIOError: there is none.
    """
    while True:
        data, source = end.recvfrom(65535)
        if not data or not 128 <= data[0] < 192:
            return data, source
