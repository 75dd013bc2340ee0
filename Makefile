# SPDX-License-Identifier: GPL-2.0-or-later
# MXBox from a clone. Everything runs in .venv, on what image/setup.sh makes ready.

PYTHON := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help setup tools setup-bench setup-browser run test test-newest test-trixie lock bench bench-million dahdi test-dahdi bench-dahdi test-asterisk fuzz soak lint diagrams commands format clean distclean

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup: ## make this machine ready: Debian packages, .venv, PJSIP, C modules, prompts (quick when nothing changed)
	@image/setup.sh

tools: setup ## the wheel of mxbox-tools, for installers' laptops, in build/tools
	@$(PYTHON) image/tools/wheel.py build/tools

run: setup ## one call through the whole box, shown step by step
	@.venv/bin/mxbox demo

test: setup ## all tests, four files at a time: most of them wait for real phones and lines
	@tests/run.sh

test-newest: setup ## all tests of a clone on the newest PyPI packages and PJSIP; read it before `make lock`
	@image/newest.sh

test-trixie: ## all tests of a clone in a root of Debian 13 (made once, as root)
	@image/trixie/test.sh

lock: setup ## renew the locks: PyPI packages and PJSIP's sources, by hash
	@image/lock.sh

setup-bench: setup ## also what only the benchmarks need: the reference they are measured against
	@image/apt.sh image/packages-bench.txt

setup-browser: setup ## also a browser without a window: what tests of the terminal in a browser need
	@image/apt.sh image/packages-browser.txt

bench: setup-bench ## CPU, tick times, calls a second, detectors: all in short; BENCH="spans million" runs these only
	@$(PYTHON) -m tests.bench $(BENCH)

bench-million: setup ## a million calls through call control and the books, a quarter of an hour and more
	@$(PYTHON) -m tests.bench million --calls 1000000

dahdi: setup ## a guest with the genuine DAHDI driver and the box in it, for QEMU (kept between runs)
	@image/apt.sh image/dahdi/packages.txt
	@$(MAKE) --no-print-directory -f image/dahdi/Makefile

test-dahdi: BEGUN := $(shell date +%s)
test-dahdi: dahdi ## the tests of the genuine driver, in that guest
	@tests/dahdi/run.sh --durations=8; status=$$?; \
		echo "test-dahdi: $$(( $$(date +%s) - $(BEGUN) )) s, with what had to be built"; exit $$status

bench-dahdi: dahdi ## 93 channels in and out of the genuine driver for 5 minutes
	@tests/dahdi/run.sh -s -o python_files='bench_*.py' tests/dahdi

test-asterisk: setup ## the box with Debian's newest Asterisk as carrier, registrar and phone (its root is made once, as root)
	@tests/asterisk/run.sh --durations=8

fuzz: setup ## 200,000 messages and packets in calls that are taken, and as many broken ones, each way into the box
	@MXBOX_FUZZ_MESSAGES=200000 $(PYTHON) -m pytest -s --timeout 1800 tests/appliance/edge/test_accepted_fuzz.py \
		tests/scenarios/test_pri_fuzz.py tests/appliance/server/test_text_fuzz.py tests/appliance/edge/test_fuzz.py \
		tests/appliance/switch/test_sip_fuzz.py tests/drivers/test_pjsip_fuzz.py

soak: setup ## tests that take minutes, for they wait for timers as they are configured
	@MXBOX_SOAK=1 $(PYTHON) -m pytest -s tests/appliance/edge/test_vanished.py

lint: setup ## style, format and types
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy

diagrams: setup ## draw the machines of ARCHITECTURE.md from their tables
	@$(PYTHON) -m appliance.engine.diagrams ARCHITECTURE.md

commands: setup ## write the lists of commands in docs/ from the texts of the commands
	@$(PYTHON) -m appliance.cli.reference

format: setup ## write the sources in the house's format
	@$(PYTHON) -m ruff check --fix-only -q .
	@$(PYTHON) -m ruff format .

clean: ## remove what was built in this tree (the kept PJSIP build stays)
	@rm -rf build .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info drivers/_*.c drivers/*.so drivers/*.o
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

distclean: clean ## also remove .venv
	@rm -rf .venv
