# SPDX-License-Identifier: GPL-2.0-or-later
"""Prompts that could not be played."""

from appliance.engine.parts.board import Board
from appliance.i18n import N_


def note_missing(board: Board, place: str, missing: tuple[str, ...]) -> None:
    """Note which prompts are missing where: once each, or a busy hotline would fill the log."""
    folder = board.config.paths.sounds or "<paths.sounds>"
    for sound in missing:
        if (place, sound) not in board.missing_noted:
            board.missing_noted.add((place, sound))
            file = f"{folder}/{sound.partition(':')[2]}.wav"
            board.trouble(
                "prompt_missing",
                N_("{place}: {sound} is missing and was passed over; put a recording at {file}"),
                place=place,
                sound=sound,
                file=file,
            )
