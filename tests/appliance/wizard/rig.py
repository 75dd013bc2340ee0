# SPDX-License-Identifier: GPL-2.0-or-later
"""A set-up without a person: answers by the name of their question, Enter for all others."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from appliance.config.load import load_box, load_shape
from appliance.config.model import BoxConfig
from appliance.wizard.course import STEPS
from appliance.wizard.machine import Machine, Port
from appliance.wizard.question import Site
from appliance.wizard.wizard import Wizard

PASSWORD = "correct horse battery"
BARE = Machine((("192.0.2.10", "eno1"), ("127.0.0.1", "lo")), "Asia/Shanghai", synced=True)
CARD = replace(BARE, driver=True, ports=(Port(1, "WCTE131/0 E1 card", "RED"), Port(2, "WCTE131/1 E1 card", "OK")))
NEW = {"language": "en", "password": PASSWORD, "again": PASSWORD}


def site(file: Path, machine: Machine = BARE, users: tuple[str, ...] = ()) -> Site:
    if not file.exists():
        return Site(file, "", BoxConfig(), machine, users, call=call)
    config, _paths = load_shape(file)
    return Site(file, file.read_text(encoding="utf-8"), config, machine, users, call=call)


def call(language: str) -> tuple[bool, Sequence[str]]:
    return True, (f"called in {language}",)


def walk(site_: Site, answers: Mapping[str, str]) -> tuple[Wizard, list[str]]:
    """Answer all questions; return the set-up, and what was told about what was done."""
    wizard, told = Wizard(STEPS, site_), list[str]()
    while True:
        while (question := wizard.question) is not None:
            assert not (wrong := wizard.take(question, answers.get(question.name, ""))), (question.name, wrong)
        last = wizard.last
        told += wizard.go_on()
        if last:
            return wizard, told


def made(file: Path) -> BoxConfig:
    """Return the configuration that was written, checked with all the files that it names."""
    return load_box(file)[0]
