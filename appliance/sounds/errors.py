# SPDX-License-Identifier: GPL-2.0-or-later
"""Errors of sounds.

ApplianceError
+-- SoundError            sounds cannot be made or found
    +-- SoundFileError    one file is no sound the box can play
"""

from appliance.contract.errors import ApplianceError


class SoundError(ApplianceError):
    """The sounds cannot be made, or were not made yet."""


class SoundFileError(SoundError):
    """A file that the box cannot play, named in the message, with the command that makes it playable as hint."""
