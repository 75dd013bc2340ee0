# SPDX-License-Identifier: GPL-2.0-or-later
"""`make test-dahdi`: guest_*.py run in the guest, their reports come back as tests of this run; host_*.py run here.

A plain pytest run of this tree looks for test_*.py and so collects nothing here.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dahdi.guest_reports import MARK
from tests.dahdi.machine import Machine, missing

IN_GUEST = Path("/box/tree").is_dir()

SUITE_S = 900.0


class Guest:
    """The machines of a run, one at a time, each started when it is first needed."""

    def __init__(self) -> None:
        self._machine: Machine | None = None
        self._counted = False
        self.told: list[str] = []
        """Texts to be read at the end of a run that passed."""

    def machine(self, *, counted: bool) -> Machine:
        """Return a machine whose time is counted, or one that keeps the host's."""
        if self._machine is None or self._counted != counted:
            self.stop()
            if why := missing():
                pytest.exit(why, 2)
            folder = Path(tempfile.mkdtemp(prefix="mxd-"))
            self._machine = Machine(folder, tap="MXBOX_TAP" in os.environ, counted=counted).__enter__()
            self._counted = counted
            self.told.append(f"a guest was up after {self._machine.booted_s:.0f} s")
            print(f"\nthe guest is up after {self._machine.booted_s:.1f} s; its console: {folder}/console.log")
        return self._machine

    def stop(self) -> None:
        if self._machine:
            self._machine.__exit__()
            shutil.rmtree(self._machine.folder, ignore_errors=True)
            self._machine = None


GUEST = pytest.StashKey[Guest]()


class GuestSuite(pytest.Item):
    """Files of tests that run in the guest; their own reports stand for it."""

    def __init__(self, *, arguments: tuple[str, ...], **named: object) -> None:
        super().__init__(**named)  # type: ignore[arg-type]
        self.arguments = arguments

    def runtest(self) -> None:
        raise NotImplementedError

    def play(self) -> None:
        """Run it there, and hand on what is reported."""
        machine = self.config.stash[GUEST].machine(counted=True)
        seen = 0

        def heard(line: str) -> None:
            nonlocal seen
            if MARK in line:
                data = json.loads(line.partition(MARK)[2])
                report = self.config.hook.pytest_report_from_serializable(config=self.config, data=data)
                if isinstance(report.longrepr, list):  # of a skipped test: JSON has no tuples
                    report.longrepr = tuple(report.longrepr)
                seen += report.when == "call" or not report.passed
                self.ihook.pytest_runtest_logreport(report=report)

        command = "python3.11 -m pytest -q -s -p tests.dahdi.guest_reports -p no:cacheprovider -p pytest_timeout"
        chosen = self.config.getoption("keyword")
        job = machine.start(
            [
                *command.split(),
                *("-c", "pyproject.toml", "-o", "python_files=guest_*.py test_*.py"),
                *(("-k", chosen) if chosen else ()),
                *self.arguments,
            ],
            env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},  # what is not needed takes its time to load
        )
        status = machine.wait(job, SUITE_S, heard)
        (machine.share / f"{self.name}.log").write_text("\n".join(job.lines))
        nothing_chosen = status == 5 and chosen
        if (status not in (0, 1) or not seen) and not nothing_chosen:
            self._complain(f"pytest in the guest ended with {status}:\n" + "\n".join(job.lines[-60:]))

    def _complain(self, words: str) -> None:
        report = pytest.TestReport(self.nodeid, self.location, {}, "failed", words, "call")
        self.ihook.pytest_runtest_logreport(report=report)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, self.name


class GuestFile(pytest.File):
    def collect(self) -> Iterator[GuestSuite]:
        yield GuestSuite.from_parent(self, name=self.path.stem, arguments=(f"/box/tree/tests/dahdi/{self.path.name}",))


class ContractFile(pytest.File):
    """The contract's class; in the guest it is held against the driver's backends."""

    def collect(self) -> Iterator[GuestSuite]:
        yield GuestSuite.from_parent(self, name="contract", arguments=("/box/tree/tests/contract/test_span.py",))


if not IN_GUEST:

    def pytest_configure(config: pytest.Config) -> None:
        config.stash[GUEST] = Guest()

    def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
        for line in config.stash[GUEST].told:
            terminalreporter.write_line(line)

    def pytest_unconfigure(config: pytest.Config) -> None:
        if GUEST in config.stash:
            config.stash[GUEST].stop()

    def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.File | None:
        if parent.config.getini("python_files") != ["host_*.py"]:
            return None
        if file_path.match("guest_contract.py"):
            return ContractFile.from_parent(parent, path=file_path)
        if file_path.match("guest_*.py") and file_path.name != "guest_reports.py":
            return GuestFile.from_parent(parent, path=file_path)
        return None

    def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
        """A guest's file that is named on the command line is collected as a module too; it is none of the host's.

        All that runs there is one run, and comes first: to start pytest there takes half a minute.
        """
        suites = [each for each in items if isinstance(each, GuestSuite)]
        for more in suites[1:]:
            suites[0].arguments += more.arguments
        here = [each for each in items if not each.path.match("tests/dahdi/guest_*.py")]
        items[:] = [*suites[:1], *here]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
        if not isinstance(item, GuestSuite):
            return None
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        item.play()
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    @pytest.fixture
    def machine(request: pytest.FixtureRequest) -> Machine:
        return request.config.stash[GUEST].machine(counted=False)

    @pytest.fixture
    def told(request: pytest.FixtureRequest) -> list[str]:
        return request.config.stash[GUEST].told
