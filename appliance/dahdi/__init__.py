# SPDX-License-Identifier: GPL-2.0-or-later
"""The DAHDI driver set up from the box's own configuration: a technician edits no file of the driver's.

`plan` is the configuration in the driver's terms, `files` the texts of its files, `place` writes them to disk.
"""
