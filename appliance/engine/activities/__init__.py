# SPDX-License-Identifier: GPL-2.0-or-later
"""Activities of a call, one file each."""
