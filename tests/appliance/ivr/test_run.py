# SPDX-License-Identifier: GPL-2.0-or-later
"""A caller in a flow, node by node."""

from datetime import datetime
from functools import partial
from typing import Any

import msgspec

from appliance.contract.switch import Cause
from appliance.engine.script.doings import Doing, Finish, Join, Listen, Rating, Reach, TakeComment, Utter
from appliance.engine.script.run import NODES_PER_TICK, Run, RunInput
from appliance.ivr.flow import Flow

BYE = {"do": "hangup"}


def _run(nodes: dict[str, Any], language: str = "en", **variables: str) -> tuple[Run, Doing]:
    flow = msgspec.convert({"start": "a", "node": {**nodes, "z": BYE}}, Flow)
    run = Run("f", flow, {"caller": "138", "called": "96900", **variables}, language)
    return run, run.begin(0)


def _utter(*names: str) -> Utter:
    return Utter(tuple(f"prompt:en/{name}" for name in names))


COLLECT = {"do": "collect", "prompts": ["p"], "into": "id", "least": 2, "most": 4, "next": "b", "otherwise": "z"}
READ = {"do": "say", "text": "{id}", "next": "z"}


def test_play_then_hang_up() -> None:
    run, doing = _run({"a": {"do": "play", "prompts": ["p", "q"], "next": "z"}})
    assert doing == _utter("p", "q")
    assert run.place == "f/a"
    assert run.take(RunInput.PLAYED, "", 1) == (Finish(Cause.NORMAL_CLEARING), True)


def test_collect_to_the_end_key() -> None:
    run, doing = _run({"a": COLLECT, "b": READ})
    assert doing == _utter("p")
    assert run.take(RunInput.KEY, "1", 1) == (Listen(5.0), True), "the first key stops the prompt"
    assert run.take(RunInput.KEY, "A", 1) == (None, False)
    assert run.take(RunInput.KEY, "2", 1) == (Listen(5.0), True)
    assert run.take(RunInput.KEY, "#", 1) == (_utter("digit-1", "digit-2"), True)


def test_collect_ends_when_full_and_by_a_pause() -> None:
    run, _ = _run({"a": COLLECT, "b": READ})
    for key in "123":
        run.take(RunInput.KEY, key, 1)
    assert run.take(RunInput.KEY, "4", 1)[0] == _utter(*(f"digit-{n}" for n in "1234"))
    run, _ = _run({"a": COLLECT, "b": READ})
    run.take(RunInput.KEY, "7", 1)
    run.take(RunInput.KEY, "8", 1)
    assert run.take(RunInput.TIME_OUT, "", 9)[0] == _utter("digit-7", "digit-8")


def test_collect_too_short_or_nothing() -> None:
    run, _ = _run({"a": COLLECT, "b": READ})
    run.take(RunInput.KEY, "7", 1)
    assert run.take(RunInput.KEY, "#", 1)[0] == _utter("invalid-choice", "p")
    run.take(RunInput.PLAYED, "", 2)
    assert run.take(RunInput.TIME_OUT, "", 9)[0] == _utter("press-again", "p")
    run.take(RunInput.PLAYED, "", 10)
    assert run.take(RunInput.TIME_OUT, "", 20)[0] == Finish(16), "the third time"


def test_branch_exact_then_longest_pattern() -> None:
    branch = {"do": "branch", "on": "x", "cases": {"12": "exact", "1*": "short", "13*": "long"}, "otherwise": "z"}
    for value, cause in (("12", 1), ("129", 2), ("134", 3), ("2", 16), ("", 16)):
        ends = {name: {"do": "hangup", "cause": n} for n, name in enumerate(("exact", "short", "long"), 1)}
        _, doing = _run({"a": branch, **ends}, x=value)
        assert doing == Finish(cause), value


def test_set_language_and_variables() -> None:
    nodes = {
        "a": {"do": "set", "language": "zh", "values": {"n": "2{caller}"}, "next": "b"},
        "b": {"do": "say", "text": "{n}", "style": "number", "before": ["p"], "next": "z"},
    }
    _, doing = _run(nodes, caller="1")
    assert doing == Utter(("prompt:zh/p", "prompt:zh/number-2", "prompt:zh/number-10", "prompt:zh/number-1"))


def test_say_nothing_goes_on() -> None:
    _, doing = _run({"a": {"do": "say", "text": "{gone}", "next": "z"}})
    assert doing == Finish(16)


def test_queue_and_dial_come_back_with_a_result() -> None:
    nodes = {
        "a": {"do": "queue", "queue": "sales", "otherwise": "b"},
        "b": {"do": "branch", "on": "result", "cases": {"timeout": "c"}, "otherwise": "z"},
        "c": {"do": "dial", "outside": "0{caller}", "otherwise": "z"},
    }
    run, doing = _run(nodes)
    assert doing == Join("sales")
    assert run.take(RunInput.BACK, "timeout", 5)[0] == Reach("", "0138", 30.0)
    assert run.take(RunInput.BACK, "busy", 6)[0] == Finish(16)
    assert run.caller.variables["result"] == "busy"


def test_a_loop_without_waiting_is_ended_and_named() -> None:
    step = {"do": "set", "next": "a"}
    run, doing = _run({"a": {**step, "next": "b"}, "b": step})
    assert isinstance(doing, Finish)
    assert doing.cause == Cause.TEMPORARY_FAILURE
    assert "flow f, node" in doing.trouble
    assert run.spent == NODES_PER_TICK + 1


def test_a_loop_that_takes_time_goes_on() -> None:
    run, doing = _run({"a": {"do": "play", "prompts": ["p"], "next": "a"}})
    for tick in range(1, 3 * NODES_PER_TICK):
        doing = run.take(RunInput.PLAYED, "", tick)[0]  # type: ignore[assignment]
        assert doing == _utter("p")


def test_a_node_that_is_not_there() -> None:
    _, doing = _run({"a": {"do": "set", "next": "nowhere"}})
    assert isinstance(doing, Finish)
    assert "no node nowhere" in doing.trouble


MENU = {"do": "menu", "prompts": ["m"], "keys": {"1": "a", "2": "c"}, "otherwise": "z"}
WELCOME = {"do": "play", "prompts": ["p"], "next": "b"}


def _press(run: Run, keys: str) -> list[Doing | None]:
    return [run.take(RunInput.KEY, key, 1)[0] for key in keys]


def test_keys_pressed_while_a_prompt_plays_answer_the_questions_after_it() -> None:
    """B23: `1 1234#` at a menu, a greeting and a collect."""
    nodes = {"a": WELCOME, "b": {**COLLECT, "next": "d"}, "c": READ, "d": {**MENU, "keys": {"5": "c"}}}
    run, _ = _run(nodes)
    assert _press(run, "1234#") == [None] * 5
    assert run.take(RunInput.PLAYED, "", 2)[0] == _utter("m"), "the number was complete, the next question is put"
    assert run.caller.variables["id"] == "1234"
    run, _ = _run(nodes)
    _press(run, "12#5")
    assert run.take(RunInput.PLAYED, "", 2)[0] == _utter("digit-1", "digit-2")
    run, _ = _run(nodes)
    _press(run, "12")
    assert run.take(RunInput.PLAYED, "", 2)[0] == Listen(5.0), "a number that was begun goes on without its prompt"
    assert _press(run, "3#")[-1] == _utter("m")
    assert run.caller.variables["id"] == "123"


def test_a_flow_may_want_its_prompt_heard_first() -> None:
    run, _ = _run({"a": {**WELCOME, "keep_keys": False}, "b": COLLECT})
    assert run.take(RunInput.KEY, "1", 1) == (None, False)
    assert run.take(RunInput.PLAYED, "", 2)[0] == _utter("p")


def test_keys_ahead_of_a_wrong_answer_are_dropped_and_the_question_put_again() -> None:
    run, _ = _run({"a": WELCOME, "b": MENU, "c": COLLECT})
    _press(run, "9212")
    assert run.take(RunInput.PLAYED, "", 2)[0] == _utter("invalid-choice", "m")
    assert run.ahead == ""


def test_keys_are_not_kept_beyond_a_queue() -> None:
    nodes = {"a": WELCOME, "b": {"do": "queue", "queue": "sales", "otherwise": "c"}, "c": MENU}
    run, _ = _run(nodes)
    _press(run, "1")
    assert run.take(RunInput.PLAYED, "", 2)[0] == Join("sales")
    assert run.take(RunInput.BACK, "timeout", 3)[0] == _utter("m")


def test_an_end_key_after_an_answer_that_needed_none_costs_no_try() -> None:
    """B23: '#' after a menu's key, and after a collect of fixed length."""
    once = {"tries": 1}
    nodes = {"a": {**MENU, "keys": {"2": "b"}}, "b": {**MENU, "keys": {"1": "c"}, **once}, "c": {**COLLECT, **once}}
    run, _ = _run({**nodes, "d": READ})
    assert _press(run, "2#") == [_utter("m"), None]
    assert _press(run, "1#") == [_utter("p"), None]
    assert _press(run, "1") == [Listen(5.0)]
    run, _ = _run({"a": {**COLLECT, "most": 2, "next": "b"}, "b": {**COLLECT, "into": "pin", **once}})
    _press(run, "12#34#")
    assert (run.caller.variables["id"], run.caller.variables["pin"]) == ("12", "34")


def test_an_end_key_that_is_a_choice_or_an_answer_of_its_own_still_counts() -> None:
    run, _ = _run({"a": {**MENU, "keys": {"2": "b"}}, "b": {**MENU, "keys": {"#": "c"}}, "c": COLLECT})
    assert _press(run, "2#") == [_utter("m"), _utter("p")]
    run, _ = _run({"a": COLLECT, "b": READ})
    assert _press(run, "#") == [_utter("invalid-choice", "p")]
    run, _ = _run({"a": {**MENU, "keys": {"2": "b"}}, "b": MENU})
    assert _press(run, "2##") == [_utter("m"), None, _utter("invalid-choice", "m")], "only one is left over"


RATE = {"do": "rate", "question": "service", "prompts": ["p"], "highest": 3, "next": "b", "otherwise": "z"}


def test_a_rating_is_kept_before_the_flow_goes_on_and_is_a_variable() -> None:
    run, doing = _run({"a": RATE, "b": {"do": "say", "text": "{rating}", "next": "z"}})
    assert doing == _utter("p")
    assert run.take(RunInput.KEY, "3", 1) == (Rating("service", 3), True)
    assert run.take(RunInput.DONE, "", 1) == (_utter("digit-3"), True)


def test_a_rating_out_of_range_is_asked_for_again_then_the_flow_goes_on_without() -> None:
    run, _ = _run({"a": RATE, "b": READ})
    for key in ("4", "0"):
        run.take(RunInput.KEY, key, 1)
    assert run.place == "f/z"
    run, _ = _run({"a": RATE, "b": READ})
    run.take(RunInput.PLAYED, "", 1)
    assert run.take(RunInput.TIME_OUT, "", 9)[0] == _utter("press-again", "p")
    run.take(RunInput.PLAYED, "", 10)
    assert run.take(RunInput.TIME_OUT, "", 20)[0] == Finish(Cause.NORMAL_CLEARING)


def test_ratings_may_be_pressed_ahead_each_with_a_hash_key_behind() -> None:
    second = {**RATE, "question": "solved", "into": "solved", "next": "z"}
    run, _ = _run({"a": {"do": "play", "prompts": ["q"], "next": "r"}, "r": {**RATE, "next": "b"}, "b": second})
    for key in "2#1#":
        run.take(RunInput.KEY, key, 1)
    assert run.take(RunInput.PLAYED, "", 2)[0] == Rating("service", 2)
    assert run.take(RunInput.DONE, "", 2)[0] == Rating("solved", 1)
    assert run.take(RunInput.DONE, "", 2)[0] == Finish(Cause.NORMAL_CLEARING)


def test_a_comment_is_recorded_after_its_prompt_and_no_key_goes_past_it() -> None:
    comment = {"do": "comment", "prompts": ["p"], "most_s": 20, "silence_s": 4, "next": "r"}
    run, doing = _run({"a": comment, "r": {**RATE, "next": "z"}})
    assert doing == _utter("p")
    assert run.take(RunInput.KEY, "1", 1) == (None, False)
    assert run.take(RunInput.PLAYED, "", 2) == (TakeComment(20, 4), True)
    assert run.take(RunInput.KEY, "#", 3) == (None, True)
    assert run.take(RunInput.DONE, "", 3)[0] == _utter("p"), "the rating is asked for, not answered"


COMPARE = {"do": "compare", "when": "id >= 10 and id < 20", "yes": "yes", "no": "no", "otherwise": "odd"}
ENDS = {name: {"do": "hangup", "cause": n} for n, name in enumerate(("yes", "no", "odd"), 1)}


def test_compare_goes_by_an_expression() -> None:
    for value, cause in (("10", 1), ("9.5", 2), ("20", 2), ("abc", 3), ("", 3)):
        assert _run({"a": COMPARE, **ENDS}, id=value)[1] == Finish(cause), value
    without = {**COMPARE, "otherwise": "no"}
    del without["otherwise"]
    assert _run({"a": without, **ENDS}, id="abc")[1] == Finish(2)


def test_compare_reads_the_clock() -> None:
    flow = msgspec.convert({"start": "a", "node": {"a": {**COMPARE, "when": "now() >= 08:30"}, **ENDS}}, Flow)
    for hour, cause in ((8, 2), (9, 1)):
        run = Run("f", flow, {}, "en", clock=partial(datetime, 2026, 12, 1, hour))
        assert run.begin(0) == Finish(cause)


def test_add_counts_from_nothing_and_over_a_caller_who_comes_again() -> None:
    nodes = {
        "a": {"do": "add", "to": "n", "next": "b"},
        "b": {"do": "compare", "when": "n >= 3", "yes": "yes", "no": "c"},
        "c": {"do": "menu", "prompts": ["p"], "keys": {"1": "a"}, "otherwise": "a"},
        **ENDS,
    }
    run, _ = _run(nodes)
    assert run.take(RunInput.KEY, "1", 1)[0] == _utter("p")
    assert run.take(RunInput.KEY, "1", 2)[0] == Finish(1)
    assert run.caller.variables["n"] == "3"


def test_add_takes_an_amount_and_leaves_the_variable_as_it_is_without_one() -> None:
    add = {"do": "add", "to": "sum", "amount": "price * 2", "next": "z"}
    assert _run({"a": add}, price="2.50", sum="1.5")[0].caller.variables["sum"] == "6.5"
    assert _run({"a": add}, price="free", sum="1.5")[0].caller.variables["sum"] == "1.5"
    assert _run({"a": add}, price="2", sum="none")[0].caller.variables["sum"] == "4"


def test_branch_goes_by_an_expression() -> None:
    branch = {"do": "branch", "on": "left(id, 2) ", "cases": {"01": "yes", "2*": "no"}, "otherwise": "odd"}
    for value, cause in (("0123", 1), ("29", 2), ("3", 3)):
        assert _run({"a": branch, **ENDS}, id=value)[1] == Finish(cause)
    assert _run({"a": {**branch, "on": "id / 0"}, **ENDS}, id="1")[1] == Finish(3)
    boolean = {**branch, "on": "id > 5", "cases": {"true": "yes", "false": "no"}}
    assert _run({"a": boolean, **ENDS}, id="6")[1] == Finish(1)


def test_say_in_a_style_and_what_is_no_value_of_it() -> None:
    say = {"do": "say", "text": "{id * 2}", "style": "money", "before": ["p"], "next": "z"}
    assert _run({"a": say}, id="1.25")[1] == _utter(
        "p", "number-2", "money-yuan", "money-and", "number-50", "money-fen"
    )
    odd = {**say, "text": "{id}"}
    assert _run({"a": {**odd, "otherwise": "odd"}, **ENDS}, id="12-5")[1] == Finish(3)
    assert _run({"a": odd}, id="12-5")[1] == _utter("p", "digit-1", "digit-2", "digit-5"), "key by key"
    assert _run({"a": odd}, id="")[1] == _utter("p"), "nothing is said of a variable that was never set"
    quantity = {**odd, "style": "quantity", "unit": "ticket"}
    assert _run({"a": quantity}, id="1")[1] == _utter("p", "number-1", "unit-ticket")


def test_split_shares_callers_by_chance_or_always_the_same_way() -> None:
    split = {"do": "split", "shares": {"yes": 10, "no": 90}}
    for chance, cause in ((0.0, 1), (0.0999, 1), (0.1, 2), (0.9999, 2)):
        flow = msgspec.convert({"start": "a", "node": {"a": split, **ENDS}}, Flow)
        assert Run("f", flow, {}, "en", chance=lambda value=chance: value).begin(0) == Finish(cause)  # type: ignore[misc]
    ways = [_run({"a": {**split, "by": "{caller}"}, **ENDS}, caller=str(13800000000 + n))[1] for n in range(1000)]
    assert 60 < ways.count(Finish(1)) < 140, "a tenth of the callers"
    assert ways[:9] == [
        _run({"a": {**split, "by": "{caller}"}, **ENDS}, caller=str(13800000000 + n))[1] for n in range(9)
    ]
    assert _run({"a": {**split, "by": "{id}"}, **ENDS})[1] == Finish(1), "by chance, as nothing is known to go by"


CHOICE = {"do": "language", "keys": {"1": "zh", "2": "en"}, "next": "b", "otherwise": "b"}
QUESTION = ("prompt:zh/language-zh", "prompt:zh/digit-1", "prompt:en/language-en", "prompt:en/digit-2")


def test_a_choice_of_languages_is_said_in_each_and_counts_from_there_on() -> None:
    hello = {"do": "play", "prompts": ["hello"], "next": "z"}
    run, doing = _run({"a": CHOICE, "b": hello})
    assert doing == Utter(QUESTION)
    assert run.take(RunInput.KEY, "1", 1)[0] == Utter(("prompt:zh/hello",))
    run, _ = _run({"a": CHOICE, "b": hello})
    assert run.take(RunInput.KEY, "7", 1) == (Utter(QUESTION), False), "nonsense"
    assert run.take(RunInput.PLAYED, "", 2)[0] == Listen(5.0)
    assert run.take(RunInput.TIME_OUT, "", 9)[0] == _utter("hello"), "the language stays"


def test_keys_ahead_choose_a_language_too() -> None:
    nodes = {"p": {"do": "play", "prompts": ["p"], "next": "a"}, "a": CHOICE, "b": READ}
    flow = msgspec.convert({"start": "p", "node": {**nodes, "z": BYE}}, Flow)
    run = Run("f", flow, {"id": "5"}, "en")
    run.begin(0)
    run.take(RunInput.KEY, "1", 0)
    assert run.take(RunInput.PLAYED, "", 1)[0] == Utter(("prompt:zh/digit-5",))
