# SPDX-License-Identifier: GPL-2.0-or-later
"""Steps of the simulator's subscribers, as frozen types: one type a step. `hw_sim.script` reads them from text.

Times are seconds, levels dBm0, numbers strings of digits.
"""

from typing import Literal

import msgspec

State = Literal["proceeding", "alerting", "answer", "connect", "remote"]
"""`connect`: the voice path is open (answer, or a progress indicator); `remote`: the far end hung up."""


class Step(msgspec.Struct, frozen=True, tag=True):
    """Base of all steps."""


class Pause(Step, frozen=True, tag="pause"):
    """Do nothing for a time, or, with `most`, for a time drawn evenly between the two."""

    seconds: float
    most: float | None = None


class Await(Step, frozen=True, tag="wait"):
    """Wait until the call is in a state, at most `within_s`; the call failed if it never is."""

    state: State
    within_s: float = 60.0


class Hear(Step, frozen=True, tag="hear"):
    """Wait until a tone or a prompt is heard, at most `within_s`."""

    what: str
    within_s: float = 30.0


class Listen(Step, frozen=True, tag="listen"):
    """Listen for a time; the sounds in it stand in the result."""

    seconds: float


class Expect(Step, frozen=True, tag="expect"):
    """The call failed if `what` was not in the last `listen`, or in the whole call where there was none."""

    what: str


class Key(Step, frozen=True, tag="key"):
    """Press keys one after the other (ITU-T Q.23), each at the level of its stronger frequency.

    `twist_db` is high frequency over low; noise lasts as long as the keys and their gaps.
    """

    keys: str
    duration_ms: float = 80.0
    gap_ms: float = 80.0
    level_dbm0: float = -9.0
    twist_db: float = 2.0
    noise_dbm0: float | None = None


class SpeakTone(Step, frozen=True, tag="speak_tone"):
    """Send a sine or a sum of them, each at `level_dbm0`."""

    frequencies_hz: tuple[float, ...]
    level_dbm0: float
    seconds: float


class SpeakNamed(Step, frozen=True, tag="speak_named"):
    """Send a call progress tone of the country, in its cadence."""

    name: str
    seconds: float


class SpeakNoise(Step, frozen=True, tag="speak_noise"):
    """Send white noise."""

    level_dbm0: float
    seconds: float


class SpeakFile(Step, frozen=True, tag="speak_file"):
    """Send a WAV file (8 kHz, one track) or a reference by its name; `level_dbm0` None leaves its level."""

    path: str
    level_dbm0: float | None = None


class Loop(Step, frozen=True, tag="loop"):
    """Send back the received sound, byte for byte, one tick later; speaking and keys have precedence."""

    on: bool = True


class Digits(Step, frozen=True, tag="digits"):
    """Dial further digits (Q.931 INFORMATION, overlap sending)."""

    digits: str


class Hold(Step, frozen=True, tag="hold"):
    """Stay for the holding time that the load run drew (or `seconds`); ends early when the far end hangs up."""

    seconds: float | None = None


class Proceed(Step, frozen=True, tag="proceed"):
    """Called side: the number is complete."""


class Alert(Step, frozen=True, tag="alert"):
    """Called side: the phone rings; the exchange sends ringback until the answer."""


class Progress(Step, frozen=True, tag="progress"):
    """Called side: open the voice path without an answer, for an announcement."""


class Answer(Step, frozen=True, tag="answer"):
    """Called side: lift the handset."""


class HangUp(Step, frozen=True, tag="hangup"):
    """End the call with a Q.850 cause. Called side, before the answer: a refusal."""

    cause: int = 16


AnyStep = (
    Pause
    | Await
    | Hear
    | Listen
    | Expect
    | Key
    | SpeakTone
    | SpeakNamed
    | SpeakNoise
    | SpeakFile
    | Loop
    | Digits
    | Hold
    | Proceed
    | Alert
    | Progress
    | Answer
    | HangUp
)
Script = tuple[AnyStep, ...]
