# SPDX-License-Identifier: GPL-2.0-or-later
"""A set-up under way: where it is, what was answered. Faces show it and pass on what is typed."""

import os
from collections.abc import Sequence
from typing import Final

from appliance.i18n import _, filled
from appliance.wizard.question import Question, Site, Step

LOCALES: Final = {"zh": "zh_CN", "en": "en"}
"""Locale of each language that a box may have: the questions are asked in it."""


class Wizard:
    """The steps of a set-up, one question at a time.

    Args:
        steps: in order.
        site: the box.
    """

    def __init__(self, steps: Sequence[Step], site: Site) -> None:
        self.steps, self.site = steps, site
        self.answers: dict[str, str] = {}
        self._step = self._floor = 0
        self._asked: list[list[Question]] = [[]]
        """Questions of each step so far that are answered."""

    @property
    def step(self) -> Step:
        """The step of now."""
        return self.steps[self._step]

    @property
    def place(self) -> int:
        """Its number, from 0."""
        return self._step

    @property
    def last(self) -> bool:
        """Whether it is the last one."""
        return self._step + 1 == len(self.steps)

    def told(self) -> Sequence[str]:
        """Return what is told in this step."""
        return self.step.told(self.site, self.answers)

    def answered(self) -> Sequence[Question]:
        """Return the questions of this step that are answered."""
        return self._asked[-1]

    @property
    def question(self) -> Question | None:
        """The question of now; None: this step has none left."""
        done = {each.name for each in self._asked[-1]}
        waiting = (each for each in self.step.questions(self.site) if each.name not in done)
        return next((each for each in waiting if each.when(self.site, self.answers)), None)

    def proposal(self, question: Question) -> str:
        """Return the answer that counts if nothing is typed."""
        return self.answers.get(question.name) or question.default(self.site, self.answers)

    def take(self, question: Question, text: str) -> str:
        """Take an answer, or return why it is none."""
        answer = text.strip() or self.proposal(question)
        choices = question.choices(self.site)
        if choices:
            values = [each.value for each in choices]
            answer = values[int(answer) - 1] if answer.isdecimal() and 0 < int(answer) <= len(values) else answer
            if answer not in values:
                return _("choose one of: {values}").format(values=", ".join(values))
        if mistake := question.check(answer, self.site, self.answers):
            return mistake
        self.answers[question.name] = answer
        self._asked[-1].append(question)
        return ""

    def go_on(self) -> Sequence[str]:
        """Do what this step does, and go to the next; return lines about what was done. Raises ApplianceError."""
        done = self.step.do(self.site, self.answers) if self.step.do is not None else ()
        if not self.last:
            self._step += 1
            self._asked.append([])
        if done:
            self._floor = self._step  # what is done is not asked again
        return done

    def back(self) -> None:
        """Go back by a question: its answer is the new proposal."""
        while not self._asked[-1] and self._step > self._floor:
            self._asked.pop()
            self._step -= 1
        if self._asked[-1]:
            self._asked[-1].pop()


def label(question: Question) -> str:
    """Return the text of a question in the reader's language."""
    return filled(_(question.label), question.fill or {})


def remember_language(wizard: Wizard, question: Question) -> None:
    """Switch this process to the language that was answered, if it was that question."""
    if question.name == "language":
        os.environ["LANGUAGE"] = LOCALES[wizard.answers["language"]]
