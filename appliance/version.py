# SPDX-License-Identifier: GPL-2.0-or-later
"""The version, once."""

VERSION = "0.1.0"
