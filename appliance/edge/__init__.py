# SPDX-License-Identifier: GPL-2.0-or-later
"""The edge: kamailio as the box's only SIP face outside, made from the box's own configuration.

`values` what the box's configuration means to it, `write` its configuration file, `process` has kamailio check that
and runs it, `link` is the call server's end: lamps and displays out, troubles in.
What kamailio does with a message stands in `routing.cfg`, and in `trunks.cfg` for SIP trunks.
"""
