# SPDX-License-Identifier: GPL-2.0-or-later
"""The switch process: all work that must be on time."""

import os

# One thread, one tick: a library that spreads a small matrix product over all cores makes every tick wait for the
# slowest of them. The variable is read when numpy is loaded, so it is set before any import of numpy.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
