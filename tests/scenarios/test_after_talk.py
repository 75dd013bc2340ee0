# SPDX-License-Identifier: GPL-2.0-or-later
"""After talks, in lockstep: an agent keys in a pick-up code, a caller rates and comments; keys and sound are real."""

from pathlib import Path
from typing import Final

import msgspec
import numpy as np

import appliance.ivr
from appliance.config.keyed import KeyedConfig
from appliance.config.model import BoxConfig
from appliance.contract.rows import SurveyTotal
from appliance.store.keyed import keyed
from appliance.store.surveys import surveys, totals
from dsp.correlate import find
from hw_sim.wav import read_wav
from tests.scenarios import house
from tests.scenarios.lockbox import LockBox
from tests.scenarios.test_first_call import AGENT_SAYS, CALLER_SAYS, PLAIN, balanced, dial, finish, rows

WORDS: Final = ("at-your-service", "enter-number", "keyed-kept", "survey-service", "survey-solved", "survey-comment")
FLOWS: Final = {**house.HOTLINE, "survey": Path(appliance.ivr.__file__).parent / "examples/survey.toml"}
CALLER: Final = "wait answer 5; wait 6; key 1; hear at-your-service 60; wait 3; "


def centre() -> BoxConfig:
    """Return a box with an agent who keys in pick-up codes, and whose callers are asked to rate."""
    config = house.call_centre(1)
    queues = tuple(msgspec.structs.replace(queue, survey="survey") for queue in config.queue)
    return msgspec.structs.replace(config, queue=queues, keyed=(KeyedConfig(name="pickup", code="*41", least=4),))


def made(tmp_path: Path, agent: str) -> LockBox:
    library = house.library("en", (*WORDS, "survey-thanks"), caller=CALLER_SAYS, agent=AGENT_SAYS)
    stations = {house.extension(1): f"alert; wait 1; answer; {agent}"}
    return LockBox(tmp_path, centre(), FLOWS, stations, library=library, line=PLAIN).start()


def test_an_agent_keys_in_a_code_when_the_caller_has_hung_up_and_corrects_it(tmp_path: Path) -> None:
    agent = "reply enter-number 4710#; hear keyed-kept 5; wait 1; key *; reply enter-number 4711#; wait remote 20"
    with made(tmp_path, agent) as box:
        record = dial(box, CALLER + "hangup")
        finish(box, record, *box.bank.records)
        box.until(lambda: box.bank.records[0].ended is not None)
        box.run_s(3)
        assert record.passed, record.failures
        assert box.bank.records[0].passed, box.bank.records[0].failures
        kept = [(row.call, row.caller, row.value, row.whole, row.corrected) for row in keyed(box.store.reader(), 9)]
        assert kept == [(1, "13800138000", "4711", True, False), (1, "13800138000", "4710", True, True)]
        own = rows(box, "SELECT direction, agent, served, talked_with, billed_s FROM cdr WHERE call = 2")
        assert own == [
            {"direction": "internal", "agent": house.agent(1), "served": 0, "talked_with": "", "billed_s": 0.0}
        ]
        balanced(box)


def test_a_caller_whom_the_agent_left_rates_the_talk_and_says_why(tmp_path: Path) -> None:
    rates = "reply survey-service 2; reply survey-solved 2; hear survey-comment 10; wait 5; speak caller; key #; "
    with made(tmp_path, "wait 8; hangup") as box:
        record = dial(box, CALLER + rates + "hear survey-thanks 10; wait remote 10")
        finish(box, record)
        assert record.passed, record.failures
        books = box.store.reader()
        (row,) = surveys(books, 9)
        assert (row.result, row.ratings, row.by) == ("answered", {"service": 2, "solved": 2}, "end")
        (file,) = rows(box, f"SELECT path, samples, rule FROM recordings WHERE recording = {row.comment}")
        assert file["rule"] == "comment"
        said = np.concatenate(read_wav(tmp_path / "recordings" / file["path"]))
        assert find(CALLER_SAYS, said).score > 0.9
        assert totals(books)[0] == SurveyTotal("agent", house.agent(1), 1, 1, 1, 0, 0, {"service": 2.0, "solved": 2.0})
        balanced(box)


def test_a_code_of_the_agent_drops_the_caller_into_the_survey_and_both_go_on(tmp_path: Path) -> None:
    agent = "wait 8; key *41; reply enter-number 99887#; wait remote 20"
    with made(tmp_path, agent) as box:
        record = dial(box, CALLER + "reply survey-service 5; hear survey-solved 10; hangup")
        finish(box, record)
        box.until(lambda: box.bank.records[0].ended is not None)
        box.run_s(3)
        assert record.passed, record.failures
        assert [row.value for row in keyed(box.store.reader(), 9)] == ["99887"]
        assert [row.ratings for row in surveys(box.store.reader(), 9)] == [{"service": 5}]
        balanced(box)
