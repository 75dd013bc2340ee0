# SPDX-License-Identifier: GPL-2.0-or-later
"""Stands for tests/contract/test_span.py, which conftest.py runs in the guest on every backend there is."""
