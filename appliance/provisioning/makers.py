# SPDX-License-Identifier: GPL-2.0-or-later
"""The makers of telephones for which the box writes settings. Another maker is one file and one line here."""

from typing import Final

from appliance.provisioning.fanvil import FANVIL
from appliance.provisioning.grandstream import GRANDSTREAM
from appliance.provisioning.settings import Maker
from appliance.provisioning.snom import SNOM
from appliance.provisioning.yealink import YEALINK

MAKERS: Final[dict[str, Maker]] = {"yealink": YEALINK, "grandstream": GRANDSTREAM, "fanvil": FANVIL, "snom": SNOM}
