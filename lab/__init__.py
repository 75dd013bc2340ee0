# SPDX-License-Identifier: GPL-2.0-or-later
"""The tone laboratory: quality of the detectors of `dsp`, beside a reference (`mxbox tones report`)."""
