# SPDX-License-Identifier: GPL-2.0-or-later
"""The tone laboratory: how well the detectors of `dsp` hear, beside a reference (`mxbox tones report`)."""
