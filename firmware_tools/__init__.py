# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox-tools`: what an installer runs on a laptop. A wheel of its own, so it imports nothing of the box."""
