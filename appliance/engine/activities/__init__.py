# SPDX-License-Identifier: GPL-2.0-or-later
"""What a call does at one time, one file each."""
