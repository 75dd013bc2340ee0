# SPDX-License-Identifier: GPL-2.0-or-later
"""The error tree of the appliance.

ApplianceError          what happened and what to do about it, for a person
+-- WireError           bytes between switch and call server are no messages
+-- ApiError            the control API was not reached, or refused
+-- StoreError          the books cannot be opened
+-- ShelfError          a folder of recordings cannot be used (`appliance.store.shelves`)
+-- FlowsBrokenError    flows have mistakes (`appliance.ivr.flows`)
+-- ConfigError         `appliance.config.errors`
+-- EdgeError           `appliance.edge.errors`
+-- FlowError           `appliance.ivr.errors`
+-- TableError          a table that flows look up cannot be used (`appliance.ivr.tables`)
+-- RequestError        a request of the control API cannot be done
+-- SoundError          `appliance.sounds.errors`
+-- PhoneError          a request does not fit the phones that may register (`appliance.phones.book`)
+-- ProvisioningError   telephones cannot fetch their settings here (`appliance.provisioning.errors`)
+-- DahdiSetupError     the DAHDI driver cannot be set up as configured (`appliance.dahdi.plan`)
+-- EditError           the configuration cannot be edited by a command (`appliance.config.edit`)
+-- ExtensionError      an extension is not as a command needs it (`appliance.cli.extension`)
+-- CsvError            a table that cannot be imported (`appliance.cli.extension_csv`)
"""

from typing import Self

from appliance.contract.reasons import english, shown


class ApplianceError(Exception):
    """Error for a person to read.

    Args:
        message: what happened, naming the place.
        hint: what to do about it, if known.

    Attributes:
        msgid, hint_id, values: the same for a reader in another language, where the error is made by `of`; else empty.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.msgid = ""
        self.hint_id = ""
        self.values: dict[str, str] = {}

    @classmethod
    def of(cls, msgid: str, hint: str = "", **values: object) -> Self:
        """Return an error for readers in other processes: texts marked with N_, and values for their placeholders."""
        error = cls(shown(msgid, values), shown(hint, values))
        error.msgid, error.hint_id = msgid, hint
        error.values = {name: english(value) for name, value in values.items()}
        return error


class WireError(ApplianceError):
    """Bytes between switch and call server are no messages. `complete`: messages that were whole before them."""

    complete: tuple[object, ...] = ()


class ApiError(ApplianceError):
    """The control API was not reached, or answered with an error."""


class StoreError(ApplianceError):
    """The books cannot be opened or read."""


class RequestError(ApplianceError):
    """A request of the control API cannot be done."""
