# SPDX-License-Identifier: GPL-2.0-or-later
"""Feature codes."""

from appliance.config.base import Config, Digits


class CodesConfig(Config, frozen=True, kw_only=True):
    """Feature codes that phones dial. An empty code switches its feature off. N: a number follows."""

    forward_always: Digits = "*72"  # N
    forward_always_off: Digits = "*73"
    forward_busy: Digits = "*90"  # N
    forward_busy_off: Digits = "*91"
    forward_no_answer: Digits = "*92"  # N
    forward_no_answer_off: Digits = "*93"
    do_not_disturb: Digits = "*78"
    do_not_disturb_off: Digits = "*79"
    call_waiting: Digits = "*43"
    call_waiting_off: Digits = "*44"
    pick_up_group: Digits = "*8"
    pick_up: Digits = "**"  # N: the extension that rings
    listen: Digits = "*34"  # N: the agent; for extensions with `supervisor`. Then 4 listens, 5 whispers, 6 barges in,
    # 7 intercepts, 8 ends the talk, 9 and a number sends the caller there, 0 records it or not
    take_caller: Digits = "*35"  # the caller who is next in the queues; for extensions with `supervisor`
    move_caller: Digits = "*37"  # N: the call of a caller who waits, who is the next one then; for `supervisor`
    prefer_caller: Digits = "*38"  # N, likewise: that caller goes before others, as a VIP; again: no longer
    play_recording: Digits = "*36"  # N: the recording; for extensions with `supervisor`
    meet: Digits = "*55"  # N, of your choice: a conference of all who dial the same
    agent_sign_in: Digits = "*60"  # N, or the box asks for it: the agent; the PIN is asked for
    agent_sign_out: Digits = "*61"
    agent_pause: Digits = "*62"  # N, or the box asks for it: the key of a reason
    agent_resume: Digits = "*63"  # ends wrap-up, too
    agent_wrap_up: Digits = "*64"  # more time for wrap-up
    agent_wrap_up_code: Digits = "*65"  # N, or the box asks for it: what the last call was about
    agent_pin: Digits = "*66"  # the agent chooses another PIN
    agent_figures: Digits = "*67"  # the agent hears calls and talk time of today
    voicemail: Digits = "*97"  # N: another box than the phone's own; listen to messages, record greetings
    record_prompt: Digits = "*77"  # N, or the box asks for it: the number of a prompt; the PIN is asked for
    leave_message: Digits = "*99"  # N: the extension or number of a box; a message is left there, nothing rings
    plan: Digits = "*28"  # N: the key of a [[plan]]: opens or closes it by hand, and undoes that
    park: Digits = "*68"  # transfer a call here; its place is announced
    transfer: Digits = "##"  # N, during a talk: send the other party to N
    consult: Digits = "*2"  # N, during a talk: the other party waits while you talk to N
    park_talk: Digits = "*3"  # during a talk
    record: Digits = "*1"  # during a talk: record it although no rule does; again: as the rules decide
    record_pause: Digits = "*7"  # during a talk: silence is recorded until it is pressed again
    survey: Digits = "*9"  # an agent, during a talk: the caller rates it (`queue.survey`), you are free
    conference: Digits = "*5"  # during a consultation: the three parties talk together
