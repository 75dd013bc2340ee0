# SPDX-License-Identifier: GPL-2.0-or-later
"""Packages of this .venv that the guest needs, as NAME==VERSION: the box's, the tests', and all that they need."""

import re
import sys
from importlib.metadata import PackageNotFoundError, distribution, requires

TESTS = ("pytest", "pytest-timeout", "hypothesis", "babel")


def names(distribution_name: str) -> list[str]:
    """Return the packages that one needs here, extras left out."""
    found = [text for text in requires(distribution_name) or [] if "extra ==" not in text]
    return [re.match(r"[A-Za-z0-9._-]+", text)[0] for text in found]  # type: ignore[index]


def closure(first: list[str]) -> dict[str, str]:
    """Return names and versions of these packages and of all that they need."""
    wanted: dict[str, str] = {}
    waiting = list(first)
    while waiting:
        name = waiting.pop().lower().replace("_", "-")
        if name not in wanted:
            try:
                wanted[name] = distribution(name).version
            except PackageNotFoundError:  # for another platform
                continue
            waiting += names(name)
    return wanted


if __name__ == "__main__":
    for name, version in sorted(closure([*names("mxbox"), *TESTS]).items()):
        sys.stdout.write(f"{name}=={version}\n")
