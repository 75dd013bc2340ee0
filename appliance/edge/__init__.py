# SPDX-License-Identifier: GPL-2.0-or-later
"""The edge: kamailio as the box's only SIP face outside, made from the box's own configuration.

`values` computes its settings from the box's configuration, `write` its configuration file, `process` has kamailio
check that file and runs it, `link` is the call server's end: lamps and displays out, troubles in. The handling of
messages is in `routing.cfg`, in `trunks.cfg` for SIP trunks, and in `refusals.cfg` for what cannot be read.
"""
