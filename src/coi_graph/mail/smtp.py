"""Sending over SMTP (RFC 5321), with TLS as the setting says (RFC 3207, RFC 8314)."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage

from ..config import Config
from ..errors import BadSetting
from ..i18n import Message

_SECONDS = 20.0  # for each step of the conversation
_WAYS = ("starttls", "tls", "none")


class Impossible(Exception):
    """The server will not take this letter, however often it is asked."""


class Mail:
    """A mail server that takes letters from us. Raises `BadSetting` for settings that are none."""

    def __init__(self, config: Config) -> None:
        self._config = config
        if config.smtp_tls not in _WAYS:
            raise BadSetting(
                Message("“%(value)s” is not what the setting “smtp_tls” takes",
                        value=config.smtp_tls[:40]),
                remedy=Message("It takes “starttls”, “tls”, or “none”."),
            )  # fmt: skip
        if "@" not in config.smtp_sender:
            raise BadSetting(
                Message("the setting “smtp_sender” is no e-mail address"),
                remedy=Message("For example: coi-graph@example.org"),
            )

    @contextmanager
    def connected(self) -> Iterator[smtplib.SMTP]:
        """One conversation, for several letters. Raises `OSError` (`smtplib.SMTPException` is
        one), also where the server's certificate does not hold."""
        settings = self._config
        where = (settings.smtp_host, settings.smtp_port)
        context = ssl.create_default_context()
        if settings.smtp_tls == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(*where, timeout=_SECONDS, context=context)
        else:
            server = smtplib.SMTP(*where, timeout=_SECONDS)
        try:
            if settings.smtp_tls == "starttls":
                server.starttls(context=context)
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password)
            yield server
        finally:
            with suppress(OSError):
                server.quit()
            server.close()


def hand_over(server: smtplib.SMTP, message: EmailMessage) -> None:
    """Raises `Impossible`, or `OSError` where it may go better another time."""
    try:
        server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        if all(code >= 500 for code in codes):
            raise Impossible(str(codes)) from error
        raise
    except smtplib.SMTPDataError as error:
        if error.smtp_code >= 500:
            raise Impossible(str(error.smtp_code)) from error
        raise
    except smtplib.SMTPNotSupportedError as error:  # an address that this server cannot write to
        raise Impossible(str(error)) from error
