# SPDX-License-Identifier: GPL-2.0-or-later
"""The first call, shown step by step, on a stage that tests use as well."""
