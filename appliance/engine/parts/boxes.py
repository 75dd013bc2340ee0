# SPDX-License-Identifier: GPL-2.0-or-later
"""Boxes for messages, and what is in them: messages of callers, and greetings that their owners recorded."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final, Literal

from appliance.config.model import BoxConfig
from appliance.config.plans import Plan
from appliance.config.voicemail import VoicemailConfig, When
from appliance.contract.asks import PROMPT_PREFIX
from appliance.contract.books import BoxMessage
from appliance.contract.records import MessageWhy, TaskState
from appliance.contract.switch import Party, Presentation

SAMPLES_PER_S: Final = 8000
FOLDER: Final = "recordings"
"""Folder of the files, as `switch.Play` names it."""

Greeting = When | Literal["prompt"]
"""Kinds of what is spoken into a box that is no message: greetings for these calls, and prompts."""
PROMPT_S: Final = 600.0
PROMPT_SILENCE_S: Final = 5.0


class Kept:
    """A message or, with `greeting`, a greeting. `at`: when it was left, Unix milliseconds."""

    __slots__ = (
        "at", "box", "caller", "due_at", "greeting", "heard", "number", "owner", "path", "samples", "saved", "state",
        "why",
    )  # fmt: skip

    def __init__(
        self, number: int, box: str, path: str, caller: Party, why: MessageWhy, greeting: Greeting | None, at: int
    ) -> None:
        self.number = number
        self.box = box
        self.path = path
        self.caller = caller
        self.why: MessageWhy = why
        self.greeting = greeting
        self.at = at
        self.samples = 0
        self.heard = False
        self.saved = False
        self.state: TaskState = ""
        self.owner = ""
        self.due_at = 0

    @property
    def sound(self) -> str:
        """The sound that plays it."""
        return f"file:{FOLDER}/{self.path}"


class Box:
    """A box: its messages and greetings. After too many wrong PINs in a row none is taken until `locked_until`."""

    __slots__ = ("_plan", "config", "greetings", "locked_until", "messages", "name", "shown_at", "wrong_pins")

    def __init__(self, config: VoicemailConfig, plan: Plan | None) -> None:
        self.messages: dict[int, Kept] = {}
        self.greetings: dict[Greeting, Kept] = {}
        self.wrong_pins = self.locked_until = 0
        self.be(config, plan)

    def be(self, config: VoicemailConfig, plan: Plan | None) -> None:
        """Set the configuration from now on."""
        self.config, self.name, self._plan = config, config.name, plan
        self.shown_at = tuple(dict.fromkeys(filter(None, (config.extension, *config.lamps))))
        """Extensions whose lamps show its messages."""

    @property
    def full(self) -> bool:
        """Whether it takes no more messages."""
        return len(self.messages) >= self.config.messages

    def counts(self) -> tuple[int, int]:
        """Return the numbers of new and of heard messages."""
        heard = sum(each.heard for each in self.messages.values())
        return len(self.messages) - heard, heard

    def order(self) -> list[Kept]:
        """Return the messages as they are listened to: new ones, then heard ones, the oldest first."""
        return sorted(self.messages.values(), key=lambda kept: (kept.heard, kept.at, kept.number))

    def after_hours(self, when: datetime) -> bool:
        """Return whether the calls of its extension come to it at once."""
        return self._plan is not None and "after_hours" in self.config.takes and not self._plan.at(when).open


class Boxes:
    """All boxes, and the messages that are being spoken (`open`), by their numbers."""

    __slots__ = ("_lit", "_there", "by_extension", "by_name", "by_number", "open")

    def __init__(self, config: BoxConfig, kept: Iterable[BoxMessage]) -> None:
        self.by_name: dict[str, Box] = {}
        self.open: dict[int, Kept] = {}
        self.be(config)
        for each in kept:
            self._take(each)

    def be(self, config: BoxConfig) -> None:
        """Set the boxes from now on, with what is in them. One that is taken out is reached no more.

        By its name it is still there, for a caller who is just speaking into it, and in case it comes back.
        """
        plans = {plan.name: Plan(plan, config.calendar) for plan in config.plan} if config.voicemail else {}
        for each in config.voicemail:
            box = self.by_name.setdefault(each.name, Box(each, None))
            box.be(each, plans.get(each.plan))
        self._there = tuple(self.by_name[each.name] for each in config.voicemail)
        self.by_extension = {box.config.extension: box for box in self._there if box.config.extension}
        self.by_number = {box.config.number: box for box in self._there if box.config.number}
        self._lit: dict[str, list[Box]] = {}
        for box in self._there:
            for extension in box.shown_at:
                self._lit.setdefault(extension, []).append(box)

    def booth(self, prompt: str) -> Box:
        """Return the box into which a prompt is spoken; '': the one whose PIN lets phones do that."""
        name = PROMPT_PREFIX + prompt
        if name not in self.by_name:
            config = VoicemailConfig(name=name, longest_s=PROMPT_S, shortest_s=0.3, silence_s=PROMPT_SILENCE_S)
            self.by_name[name] = Box(config, None)
        return self.by_name[name]

    def _take(self, each: BoxMessage) -> None:
        if each.greeting == "prompt":
            self.booth(each.box.removeprefix(PROMPT_PREFIX))
        caller = Party(each.number, each.name, Presentation(each.presentation))
        kept = Kept(each.message, each.box, each.path, caller, each.why, _when(each.greeting), each.at)
        kept.samples, kept.heard, kept.saved = each.samples, bool(each.heard), bool(each.saved)
        kept.state, kept.owner, kept.due_at = each.state, each.owner, each.due_at
        if each.open:
            self.open[kept.number] = kept
        else:
            self.put(kept)

    def put(self, kept: Kept) -> Kept | None:
        """Put a message or greeting into its box; return the greeting whose place it takes."""
        box = self.by_name.get(kept.box)
        if box is None:  # it was taken out of the configuration; the books keep what is in it
            return None
        if kept.greeting is None:
            box.messages[kept.number] = kept
            return None
        former = box.greetings.get(kept.greeting)
        box.greetings[kept.greeting] = kept
        return former

    def find(self, number: int) -> Kept | None:
        """Return a message that is in a box."""
        return next((box.messages[number] for box in self.by_name.values() if number in box.messages), None)

    def at(self, number: str) -> Box | None:
        """Return the box of an extension, or with this number."""
        return self.by_extension.get(number) or self.by_number.get(number)

    def of_phone(self, number: str) -> Box | None:
        """Return the box that a phone listens to: its own, or the first one that its lamp shows."""
        return self.by_extension.get(number) or next(iter(self._lit.get(number, ())), None)

    def counts(self, extension: str) -> tuple[int, int] | None:
        """Return the new and heard messages that the lamp of an extension shows; None: no box is shown there."""
        boxes = self._lit.get(extension)
        if boxes is None:
            return None
        counts = [box.counts() for box in boxes]
        return sum(new for new, _ in counts), sum(heard for _, heard in counts)

    def __iter__(self) -> Iterator[Box]:
        """Return the boxes, as they are written."""
        return iter(self._there)


_WHEN: Final[Mapping[str, Greeting]] = {
    "busy": "busy",
    "no_answer": "no_answer",
    "after_hours": "after_hours",
    "prompt": "prompt",
}


def _when(greeting: str) -> Greeting | None:
    return _WHEN.get(greeting)
