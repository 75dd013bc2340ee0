# SPDX-License-Identifier: GPL-2.0-or-later
"""SIP phones and trunks as a card."""
