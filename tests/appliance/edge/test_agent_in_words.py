# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox sim agent`: a shift in words at a real desk phone (baresip) of a whole box, and what the books tell of it."""

import contextlib
import json
import subprocess
import sys
import time
from pathlib import Path

from appliance.api.messages import Agents, AgentsReply, AgentTotals, AgentTotalsReply, Keyed, KeyedReply
from appliance.phones import pins
from hw_sim.calls import CallPlan
from hw_sim.script import read_script
from tests.appliance.edge.house import House, short_folder
from tests.appliance.edge.rig import DOMAIN, password
from tests.appliance.edge.test_agents_day import AGENT, COLLEAGUE, CONFIG, DESK

SHIFT = "sign_in; pause 2; wait 1; resume; wait 8..9; code 1; keyed *41 4711; sign_out"


def test_an_agent_is_played_in_words_at_a_desk_phone(tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack:
        box = stack.enter_context(House(stack.enter_context(short_folder()), (DESK, COLLEAGUE), **CONFIG))
        box.start()
        pin = pins.renew(box.paths.state / pins.FILE, AGENT, round(time.time() * 1000))
        command = [sys.executable, "-m", "appliance.cli", "sim", "agent", DESK, AGENT, SHIFT, "--pin", pin]
        command += ["--box", f"127.0.0.1:{box.edge_port}", "--domain", DOMAIN, "--password", password(DESK)]
        agent = subprocess.Popen([*command, "--talk", "2", "--json"], stdout=subprocess.PIPE, text=True)
        stack.callback(agent.kill)

        def state() -> str:
            return box.client.ask(Agents(), AgentsReply).agents[0].state

        box.until(lambda: state() == "paused", 90, "no pause", every_s=0.2)
        box.until(lambda: state() == "idle", 30, "not resumed", every_s=0.2)
        script = read_script("wait answer 10; wait 3; key 1; wait remote 60")
        record = box.exchange.call(CallPlan("96900", script, "13800138000"))
        box.until(lambda: agent.poll() is not None, 120, "the shift does not end", every_s=0.2)
        told = json.loads(agent.communicate()[0])
        assert told["passed"], told
        assert (agent.returncode, told["answered"]) == (0, 1)
        dialled = [each["dialled"] for each in told["codes"]]
        assert dialled == [f"*60{AGENT}", "*622", "*63", "*651", "*41", "*61"]
        box.until(lambda: record.ended is not None, 30, "the caller's call does not end")
        [total] = box.client.ask(AgentTotals(agent=AGENT), AgentTotalsReply).agents
        assert [(each.name, each.calls) for each in total.codes] == [("sold", 1)]
        assert [each.reason for each in total.pauses] == ["meal"]
        [keyed] = box.client.ask(Keyed(), KeyedReply).keyed
        assert (keyed.value, keyed.whole, keyed.agent) == ("4711", True, AGENT)


def test_a_shift_that_cannot_be_read_is_told_before_any_phone_rings(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "appliance.cli", "sim", "agent", DESK, AGENT, "sign_in; dance"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 1
    assert "step 2 'dance': 'dance' is no step\n  steps are: code, dial, keyed, pause" in done.stderr
