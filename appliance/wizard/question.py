# SPDX-License-Identifier: GPL-2.0-or-later
"""Questions and steps of the set-up, as data. Texts are msgids, or made when they are shown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from appliance.config.model import BoxConfig
from appliance.wizard.machine import Machine

Answers = Mapping[str, str]
YES, NO = "yes", "no"


@dataclass(frozen=True)
class Site:
    """The box to set up.

    Attributes:
        file: its configuration; text: as it is now, '' if there is none.
        config: the same, or the defaults.
        users: names of those who may sign in already.
        reader: language of the person who answers.
        call: makes the test call on the simulator; returns whether it was good, and lines about it.
    """

    file: Path
    text: str
    config: BoxConfig
    machine: Machine
    users: tuple[str, ...] = ()
    reader: Literal["zh", "en"] = "zh"
    call: Callable[[str], tuple[bool, Sequence[str]]] = lambda _language: (False, ())

    @property
    def new(self) -> bool:
        """Whether there is no configuration yet."""
        return not self.text


@dataclass(frozen=True)
class Choice:
    """A possible answer; `label` is a msgid, or a name that is the same in each language."""

    value: str
    label: str


Choices = Sequence[Choice]


def anything(_text: str, _site: Site, _answers: Answers) -> str:
    """Accept any text."""
    return ""


def always(_site: Site, _answers: Answers) -> bool:
    """Ask in any case."""
    return True


@dataclass(frozen=True)
class Question:
    """A question.

    Attributes:
        name: under which its answer is kept.
        label: a msgid; values of `fill` go into it.
        default: the answer of who just presses Enter: as it is now, or a proposal.
        choices: what may be answered; without any it is a text.
        check: returns why a text is no answer, in the reader's language; '' if it is one.
        when: whether it is asked at all.
    """

    name: str
    label: str
    default: Callable[[Site, Answers], str]
    choices: Callable[[Site], Choices] = lambda _site: ()
    check: Callable[[str, Site, Answers], str] = anything
    when: Callable[[Site, Answers], bool] = always
    secret: bool = False
    fill: Mapping[str, object] | None = None


@dataclass(frozen=True)
class Step:
    """A step.

    Attributes:
        told: lines above its questions.
        questions: those of this site.
        do: what is done when they are answered; returns lines about it. Raises ApplianceError.
    """

    name: str
    title: str
    told: Callable[[Site, Answers], Sequence[str]]
    questions: Callable[[Site], Sequence[Question]]
    do: Callable[[Site, Answers], Sequence[str]] | None = None


YES_NO: Final = lambda _site: (Choice(YES, "yes"), Choice(NO, "no"))  # noqa: E731
