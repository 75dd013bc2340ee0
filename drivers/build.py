# SPDX-License-Identifier: GPL-2.0-or-later
"""Compiler of the cffi bindings: ``python -m drivers.build [NAME ...]``.

A binding is one file ``drivers/build_NAME.py`` with

* ``ffibuilder``: a ``cffi.FFI`` whose ``set_source`` names the module ``drivers._NAME``, or a function returning one
  (a function is called only when the module has to be compiled);
* ``INPUTS`` (optional): further files, or a function returning them; a change of one asks for a new compilation;
* ``unavailable()`` (optional): a text saying why it cannot be compiled on this machine, or None.

The module is written beside this file in one step, so that a running process keeps the one it has loaded.
"""

import hashlib
import importlib
import sys
import sysconfig
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

from drivers.errors import BuildError

HERE = Path(__file__).parent
BUILD_DIR = HERE.parent / "build" / "cffi"


def bindings() -> list[str]:
    """Return the names of all bindings in this package."""
    return sorted(path.stem.removeprefix("build_") for path in HERE.glob("build_*.py"))


def build(name: str) -> bool:
    """Compile one binding if its inputs changed; return True if it was compiled.

    Raises:
        BuildError: the compiler failed; the message is its output's last lines.
    """
    recipe = importlib.import_module(f"drivers.build_{name}")
    target = HERE / f"_{name}{sysconfig.get_config_var('EXT_SUFFIX')}"
    stamp = BUILD_DIR / f"{name}.stamp"
    made_from = _digest([Path(str(recipe.__file__)), *_inputs(recipe)])
    if target.exists() and stamp.exists() and stamp.read_text() == made_from:
        return False
    _compile(recipe, name).replace(target)
    stamp.write_text(made_from)
    return True


def _inputs(recipe: ModuleType) -> Iterable[Path]:
    inputs = getattr(recipe, "INPUTS", ())
    return inputs() if callable(inputs) else inputs


def _digest(paths: Iterable[Path]) -> str:
    """Return a digest of a module's inputs: contents of the files, and the versions of Python and cffi."""
    digest = hashlib.sha256(f"{sys.version} cffi {version('cffi')}".encode())
    for path in paths:
        digest.update(str(path).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _compile(recipe: ModuleType, name: str) -> Path:
    ffi = recipe.ffibuilder() if callable(recipe.ffibuilder) else recipe.ffibuilder
    try:
        return Path(ffi.compile(tmpdir=str(BUILD_DIR / name)))
    except Exception as error:
        # cffi passes on any exception of the compiler driver; there is no common base.
        raise BuildError(
            f"drivers/build_{name}.py: {error}",
            hint="the compiler's words are above; packages it needs are in image/packages.txt",
        ) from error


def main(names: list[str]) -> int:
    """Compile the named bindings, or all."""
    for name in names or bindings():
        recipe = importlib.import_module(f"drivers.build_{name}")
        reason = recipe.unavailable() if hasattr(recipe, "unavailable") else None
        if reason:
            sys.stderr.write(f"drivers.build: {name} left out: {reason}\n")
        elif build(name):
            sys.stderr.write(f"drivers.build: compiled drivers._{name}\n")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except BuildError as error:
        sys.exit(f"drivers.build: {error}\n  {error.hint}")
