# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks of the demo's call: each measures sound or reads the books, none relies on a part's report about itself."""

from dataclasses import dataclass

from appliance.contract.records import KeyPressed
from appliance.demo.call import HOTLINE, Outcome
from appliance.i18n import _
from drivers.span import TICK_S
from dsp.correlate import find_pieces
from dsp.g711 import alaw_decode
from dsp.levels import Float
from hw_sim.wav import read_wav

MIN_SCORE = 0.7
"""Normalised correlation from which a second of speech counts as heard: A-law alone leaves it above 0.99."""
SECOND = 8000
TOLERANCE_S = 0.5
"""Allowed difference of one length by two clocks: each way a jitter buffer of up to ten ticks, and signalling."""


@dataclass(frozen=True)
class Check:
    """One result: what was checked, whether it passed, what was measured."""

    what: str
    passed: bool
    seen: str


def check(outcome: Outcome) -> list[Check]:
    """Return all checks."""
    caller, agent = outcome.sentences["caller"], outcome.sentences["agent"]
    said, heard = read_wav(outcome.recording_file)
    (phone,) = read_wav(outcome.phone_heard)
    return [
        _heard(_("the caller heard the agent"), agent, alaw_decode(outcome.exchange.heard)),
        _heard(_("the agent heard the caller"), caller, phone),
        _heard(_("the caller is on the recording's first track"), caller, said),
        _heard(_("the agent is on the recording's second track"), agent, heard),
        _key(outcome),
        *_times(outcome, len(said) / 8000),
        Check(
            _("the call was answered and counted once"), outcome.cdr.disposition == "answered", outcome.cdr.disposition
        ),
        Check(
            _("the ledger is in balance"),
            outcome.ledger.balanced,
            str(outcome.ledger.result.found or _("nothing found")),
        ),
    ]


def _heard(what: str, sentence: Float, sound: Float) -> Check:
    """Check every second of the sentence by itself: a jitter buffer that adapted may have moved one of them."""
    scores = [match.score for match in find_pieces(sentence, sound, SECOND)]
    found = [score for score in scores if score >= MIN_SCORE]
    seen = _("{found} of {all} seconds of the sentence found, correlation {score:.2f} and more").format(
        found=len(found), all=len(scores), score=min(found, default=0.0)
    )
    return Check(what, len(found) >= len(scores) - 1, seen)


def _key(outcome: Outcome) -> Check:
    keys = [(what.key, what.accepted) for update in outcome.updates if isinstance(what := update.what, KeyPressed)]
    return Check(_("the key was understood"), keys == [("1", True)], str(keys))


def _times(outcome: Outcome, recorded_s: float) -> list[Check]:
    """Check that the exchange's clock, the books and the file's length agree."""
    cdr, far = outcome.cdr, outcome.exchange
    assert far.ended is not None
    assert far.answered is not None
    held, talked = (far.ended - far.started) * TICK_S, (far.ended - far.answered) * TICK_S
    return [
        _same(_("the exchange and the books agree on the call's length"), held, cdr.duration_s),
        _same(_("the exchange and the books agree on the time from the answer"), talked, cdr.billed_s),
        _same(_("the recording is as long as the answered call"), cdr.billed_s, recorded_s),
        Check(
            _("caller and called number are in the books"),
            (cdr.caller, cdr.called) == (far.caller, HOTLINE),
            f"{cdr.caller} -> {cdr.called}",
        ),
    ]


def _same(what: str, one_s: float, other_s: float) -> Check:
    return Check(what, abs(one_s - other_s) <= TOLERANCE_S, f"{one_s:.2f} s, {other_s:.2f} s")
