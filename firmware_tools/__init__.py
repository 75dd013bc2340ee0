# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox-tools`: what an installer runs on a laptop.

It is a wheel of its own. With the box it shares the frames of the serial line (`drivers/serial_frames.py`), no more.
"""
