# SPDX-License-Identifier: GPL-2.0-or-later
"""The handing over of letters to a mail server (RFC 6409, RFC 3207 or TLS from the start)."""

import smtplib
import ssl
from email.message import EmailMessage
from pathlib import Path
from typing import Final

from appliance.config.mail import MailConfig
from appliance.contract.reasons import why
from appliance.mailing.errors import PostError, RefusedError

TIMEOUT_S: Final = 60.0
FINAL: Final = range(500, 600)
"""Replies after which trying again is of no use (RFC 5321 4.2.1); but not those about the user's password."""


def send(config: MailConfig, folder: Path, letter: EmailMessage, context: ssl.SSLContext | None = None) -> None:
    """Hand a letter over; `folder` is that of the password's file. Raises PostError, RefusedError if for good."""
    try:
        password = _password(folder / config.password_file) if config.user else ""
        with _connected(config, context or ssl.create_default_context()) as server:
            if config.user:
                server.login(config.user, password)
            server.send_message(letter)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _text in error.recipients.values()]
        kind = RefusedError if all(code in FINAL for code in codes) else PostError
        raise kind(_said(next(iter(error.recipients.values())))) from error
    except smtplib.SMTPAuthenticationError as error:
        raise PostError(_said((error.smtp_code, error.smtp_error))) from error
    except smtplib.SMTPResponseException as error:
        kind = RefusedError if error.smtp_code in FINAL else PostError
        raise kind(_said((error.smtp_code, error.smtp_error))) from error
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise PostError(why(error) if isinstance(error, OSError) else str(error)) from error


def _connected(config: MailConfig, context: ssl.SSLContext) -> smtplib.SMTP:
    if config.security == "tls":
        return smtplib.SMTP_SSL(config.server, config.port, timeout=TIMEOUT_S, context=context)
    server = smtplib.SMTP(config.server, config.port, timeout=TIMEOUT_S)
    try:
        if config.security == "starttls":
            server.starttls(context=context)
    except BaseException:
        server.close()
        raise
    return server


def _password(file: Path) -> str:
    return file.read_text(encoding="utf-8").partition("\n")[0].strip()


def _said(reply: tuple[int, bytes | str]) -> str:
    code, text = reply
    return f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"[:300]
