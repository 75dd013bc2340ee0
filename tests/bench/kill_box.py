# SPDX-License-Identifier: GPL-2.0-or-later
"""The box of `kill`: a queue with call-backs and a detour, a field to key in, a box for messages, a conference."""

from typing import Final

import msgspec

from appliance.config.model import BoxConfig, SipConfig

SPANS, AGENTS = 2, 10
QUEUE, WAITS, BOX, ROOM = "96900", "96901", "8600", "8500"
SUPERVISOR, GUEST = "1901", "1902"
SALES: Final = {
    "name": "sales",
    "wrap_up_s": 1,
    "survey": "survey",
    "pause_after_no_answer": False,
    "announce_agent": False,  # meanwhile no code is taken
}
CALL_BACK: Final = ("2001", "2002")
"""Agents who call back."""
FEW: Final = {
    **SALES,
    "name": "few",  # agents, so that callers wait
    "callback": {"tries": 2, "every_s": 5, "ring_s": 5, "expire_s": 20, "machines": False},
    "detours": {"9": "news"},
}
FLOWS: Final = {
    "sales": """
flow_version = 1
start = "wait"
[node.wait]
do = "queue"
queue = "sales"
otherwise = "end"
[node.end]
do = "hangup"
""",
    "few": """
flow_version = 1
start = "wait"
[node.wait]
do = "queue"
queue = "few"
otherwise = "end"
[node.end]
do = "hangup"
""",
    "news": """
flow_version = 1
start = "say"
[node.say]
do = "play"
prompts = ["all-agents-busy"]
next = "end"
[node.end]
do = "hangup"
""",
    "survey": """
flow_version = 1
start = "rate"
[node.rate]
do = "rate"
question = "service"
prompts = ["survey-service"]
next = "end"
otherwise = "end"
[node.end]
do = "hangup"
""",
}


def extension(agent: str) -> str:
    """Return an agent's phone."""
    return f"1{agent[1:]}"


def settings(phones: int, sip: int) -> BoxConfig:
    """Return the box: agents at phones at port `phones`, its own SIP at port `sip`."""
    agents = [f"2{n:03d}" for n in range(1, AGENTS + 1)]
    numbers = [*map(extension, agents), SUPERVISOR, GUEST]
    line = "sip:{}@127.0.0.1:" + str(phones)
    document = {
        "profile": "mx90",
        "language": "en",
        "extension": [{"number": n, "line": line.format(n), "supervisor": n == SUPERVISOR} for n in numbers],
        "agent": [{"number": n, "extension": extension(n), "start": "ready"} for n in agents],
        "queue": [{**SALES, "agents": agents}, {**FEW, "agents": CALL_BACK}],
        "keyed": [{"name": "pickup", "code": "*41"}],
        "voicemail": [{"name": "orders", "number": BOX, "messages": 1000}],
        "conference": [{"number": ROOM}],
        "route": [{"called": QUEUE, "flow": "sales"}, {"called": WAITS, "flow": "few"}],
    }
    box = msgspec.convert(document, BoxConfig)
    return msgspec.structs.replace(box, sip=SipConfig(port=sip, calls=40, rtp_first=24000, rtp_last=24400))
