# SPDX-License-Identifier: GPL-2.0-or-later
"""The DAHDI driver set up from the box's own configuration: a technician edits no file of the driver's.

`plan` what the configuration means to the driver, `files` the texts of its files, `place` puts them on disk.
"""
