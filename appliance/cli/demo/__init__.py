# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox demo`: the first call, whole, on real parts; what `make run` shows."""
