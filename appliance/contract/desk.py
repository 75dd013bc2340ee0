# SPDX-License-Identifier: GPL-2.0-or-later
"""Doings of programs in the talk of a phone."""

from typing import Literal

InTalk = Literal["transfer", "consult", "back", "conference", "park"]
