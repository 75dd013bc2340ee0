# SPDX-License-Identifier: GPL-2.0-or-later
"""Lines as cards: what comes in on them becomes legs and rows."""
