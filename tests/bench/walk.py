# SPDX-License-Identifier: GPL-2.0-or-later
"""The walker for long: wild callers, phones, lines, people and restarts through the engine: `--steps 2000000`.

Every leg says anything that its state allows, people ask anything at odd moments, the switch goes away and comes back;
after each step the audit watches the records, and every call must be whole. It stops at the first thing that raises,
and names the seed with which it can be repeated.
"""

import argparse
import time

from tests.appliance.engine.test_walk import Walk

STEPS_A_SEED = 20_000


def walk(seed: int, steps: int) -> Walk:
    """Go so many steps; return the walk when its last leg is gone. Raises what the engine and the audit raise."""
    going = Walk(seed)
    for _ in range(steps):
        going.turn()
        chance = going.rng.random()
        if chance < 0.01:
            going.people_ask()
        elif chance < 0.15:
            going.any_phone()
        elif chance < 0.151:
            going.lose_switch()
    going.finish()
    going.audit.idle()
    assert not going.audit.callbacks, going.audit.callbacks
    return going


def main(argv: list[str] | None = None) -> int:
    """Walk, and print how far it came."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(argv)
    begun, calls, done, seed = time.process_time(), 0, 0, args.seed
    while done < args.steps:
        steps = min(STEPS_A_SEED, args.steps - done)
        try:
            calls += walk(seed, steps).audit.counts["CallClosed"]
        except Exception:
            print(f"seed {seed} raised, after {done} steps with others")
            raise
        done, seed = done + steps, seed + 1
    spent = time.process_time() - begun
    seeds = seed - args.seed
    print(f"{done} steps with {seeds} seeds: {calls} calls, nothing raised, books balanced; {spent:.0f} s of CPU")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
