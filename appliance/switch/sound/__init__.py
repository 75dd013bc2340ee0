# SPDX-License-Identifier: GPL-2.0-or-later
"""Rows of sound: mixing, playing, listening, recording."""
