# SPDX-License-Identifier: GPL-2.0-or-later
"""Lines as cards: their calls become legs and rows."""
