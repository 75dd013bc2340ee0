# SPDX-License-Identifier: GPL-2.0-or-later
"""The switch process: what must be on time."""

import os

# One thread, one tick: a library that spreads a small matrix product over all cores makes every tick wait for the
# slowest of them. It is read when numpy is loaded, so it stands before anything that does.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
