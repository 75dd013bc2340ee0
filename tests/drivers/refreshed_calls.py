# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls whose phones refuse to have their sessions refreshed; run as a program, behind a quick clock.

Arguments: how long they are watched (s), then a phone each: `update` or `invite`, by what it can be refreshed, or `off`
for an `invite` that has switched its sound off; and the statuses with which it answers, the last for ever (0: none).
Prints as JSON, for each, what it was sent, with the second, and how its call ended.
"""

import json
import re
import sys
import time
from dataclasses import dataclass, field

from drivers.pjsip import open_endpoint
from drivers.sip import SipEnded, SipOptions
from hw_sim.baresip import free_port
from tests.drivers.test_pjsip_dialogs import ALLOW, Talk, field_of, switched_off
from tests.drivers.word_phone import WordPhone

SESSION_S, STEP_S, PATIENCE_S = 90, 0.1, 400.0


@dataclass
class Watched:
    """A phone, and the course of its call."""

    case: str
    talk: Talk
    sent: list[tuple[float, str]] = field(default_factory=list)
    end: str = "lives"
    codes: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        kind, *self.statuses = self.case.split(",")
        self.talk.set_up(*([ALLOW] if kind == "update" else []), "Supported: timer")
        self.sound = self.talk.phone.sdp()
        if kind == "off":
            self.sound = switched_off(self.talk.phone)
            self.talk.ask("INVITE", body=self.sound, content="application/sdp")
        self.talk.phone.answers_requests = False
        self.begin = time.monotonic()

    def look(self) -> None:
        for text in self.talk.phone.poll():
            if (method := text.partition(" ")[0]) in ("UPDATE", "INVITE", "BYE"):
                branch = field_of(text, "Via")
                if branch not in self.codes:  # else it is sent again, as UDP asks for when the machine is busy
                    off = " off" if "\r\nm=audio 0 " in text else ""
                    self.sent.append((time.monotonic() - self.begin, method + off))
                    code = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
                    self.codes[branch] = "200" if method == "BYE" else code
                self.respond(text, self.codes[branch])

    def respond(self, request: str, code: str) -> None:
        """Answer; a 200 agrees to the session's length."""
        if code == "0":
            return
        kept = re.findall(r"^((?:Via|From|To|Call-ID|CSeq): [^\r]+)", request, re.MULTILINE)
        more, body = list[str](), ""
        if code == "200":
            more = [
                f"Session-Expires: {SESSION_S};refresher=uac",
                "Require: timer",
                f"Contact: <{self.talk.phone.line}>",
            ]
        if code == "200" and field_of(request, "Content-Type"):
            body = self.sound
            more.append("Content-Type: application/sdp")
        lines = [f"SIP/2.0 {code} Said", *kept, *more, f"Content-Length: {len(body)}", "", body]
        self.talk.phone.send("\r\n".join(lines))


def main(watched_s: float, cases: list[str]) -> None:
    """Play it."""
    first = min(free_port() & ~1, 50000)
    options = SipOptions(port=0, rtp_first=first, rtp_last=first + 400, calls=len(cases), session_s=SESSION_S)
    with open_endpoint(options, lambda _host, _port: True) as endpoint:
        watched = [Watched(case, Talk(endpoint, WordPhone(), patience_s=PATIENCE_S)) for case in cases]
        by_call = {each.talk.call: each for each in watched}
        end_s = time.monotonic() + watched_s
        while time.monotonic() < end_s:
            for event in endpoint.poll():
                if isinstance(event, SipEnded):
                    by_call[event.call].end = f"ended {event.code}"
            for each in watched:
                each.look()
            time.sleep(STEP_S)
        for each in watched:
            each.talk.phone.close()
    print(json.dumps([(each.sent, each.end) for each in watched]))


if __name__ == "__main__":
    main(float(sys.argv[1]), sys.argv[2:])
