# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs that others wrote (Debian's dahdi package), on the driver as our configuration leaves it.

Debian ships neither `pritest` nor `pridump` of libpri: libpri-dev and libpri1.4 hold the library alone.
"""

import re
import shutil
import subprocess

from tests.dahdi import driver

CONFIGURATION = driver.LOCAL + driver.PRI + driver.ZONES


def test_dahdi_scan_sees_both_spans() -> None:
    driver.load_once(CONFIGURATION)
    seen = driver.run("dahdi_scan")
    assert re.findall(r"^\[(\d+)\]", seen, re.MULTILINE) == ["1", "2"]
    assert seen.count("alarms=OK") == 2


def test_dahdi_test_finds_the_clock_steady() -> None:
    driver.load_once(CONFIGURATION)
    done = subprocess.run(["dahdi_test", "-c", "4"], stdout=subprocess.PIPE, text=True, timeout=60, check=False)
    average = re.search(r"Average:?\s+([0-9.]+)", done.stdout)
    assert average, done.stdout
    print(f"dahdi_test: {average[1]} %")
    assert float(average[1]) > 90.0


def test_dahdi_maint_shows_counters() -> None:
    driver.load_once(CONFIGURATION)
    tool = shutil.which("dahdi_maint")
    assert tool
    seen = driver.run(tool, "-s", "1", "-i", check=False)
    assert "Span" in seen
