"""The other way to the responders, while a channel is not to be trusted: a Slack channel, mail, a webhook."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Final
from urllib.parse import unquote, urlsplit

import httpx

from notify import text
from notify.loopback import is_loopback
from notify.render import SlackMessage
from notify.sending import Absent, Dead, Outcome, Search, Sender, Sent, TryLater, Unknown

TIMEOUT: Final = 10.0
_SMTPS: Final = 465
_SUBMISSION: Final = 587
_REFUSED_FOR_GOOD: Final = 500


@dataclass(frozen=True, slots=True)
class OtherWay:
    """A way beside the channels, and its own channel where it is one of the same workspace."""

    sender: Sender
    slack_channel: str = ""


class OneChannel:
    """Another channel of the same workspace, whichever channel a message was meant for."""

    def __init__(self, sender: Sender, channel: str) -> None:
        self._sender, self._channel = sender, channel

    def post(self, channel: str, message: SlackMessage, *, thread: str | None, key: str) -> Outcome:  # noqa: ARG002 - Sender
        """Post it there, in no thread."""
        return self._sender.post(self._channel, message, thread=None, key=key)

    def find(self, channel: str, *, thread: str | None, key: str, since: datetime) -> Search:  # noqa: ARG002 - Sender
        """Look for it there."""
        return self._sender.find(self._channel, thread=None, key=key, since=since)

    def edit(self, channel: str, external_id: str, message: SlackMessage) -> Outcome:  # noqa: ARG002 - Sender
        """What was told elsewhere is not edited: what became of it is on the desk."""
        return Sent(external_id)

    def close(self) -> None:
        """Close the sender."""
        self._sender.close()


class Webhook:
    """Another chat's webhook, which takes `{"text": …}` as JSON over HTTPS."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = httpx.Client(timeout=TIMEOUT, trust_env=not is_loopback(url))

    def post(self, channel: str, message: SlackMessage, *, thread: str | None, key: str) -> Outcome:  # noqa: ARG002 - Sender
        """Post the message's one plain line; a repeat carries the same Idempotency-Key."""
        try:
            answer = self._http.post(
                self._url, json={"text": message.plain}, headers={"Idempotency-Key": key}
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return TryLater(f"not reached: {type(error).__name__}")
        except httpx.HTTPError as error:
            return Unknown(f"no answer: {type(error).__name__}")
        if answer.is_success:
            return Sent(key)
        asked = answer.headers.get("retry-after", "")
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS or answer.is_server_error:
            return TryLater(f"HTTP {answer.status_code}", float(asked) if asked.isdecimal() else None)
        return Dead(f"HTTP {answer.status_code}")

    def find(self, channel: str, *, thread: str | None, key: str, since: datetime) -> Search:  # noqa: ARG002 - Sender
        """A webhook cannot be searched: better told twice than not at all."""
        return Absent()

    def edit(self, channel: str, external_id: str, message: SlackMessage) -> Outcome:  # noqa: ARG002 - Sender
        """What was told elsewhere is not edited: what became of it is on the desk."""
        return Sent(external_id)

    def close(self) -> None:
        """Close the kept connections."""
        self._http.close()


class Mail:
    """Plain mail to the responders' own addresses, through the house's mail server."""

    def __init__(self, smtp_url: str, sender: str, recipients: Sequence[str]) -> None:
        self._url, self._from, self._to = urlsplit(smtp_url), sender, tuple(recipients)

    def post(self, channel: str, message: SlackMessage, *, thread: str | None, key: str) -> Outcome:  # noqa: ARG002 - Sender
        """Send one mail to all of them; a repeat carries the same Message-ID."""
        try:
            with self._connected() as server:
                server.send_message(self._mail(message, key))
        except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as refused:
            return _mail_refused(refused)
        except (smtplib.SMTPServerDisconnected, TimeoutError) as lost:
            return Unknown(f"no answer: {type(lost).__name__}")
        except (OSError, smtplib.SMTPException) as away:
            return TryLater(f"not reached: {type(away).__name__}")
        return Sent(key)

    def find(self, channel: str, *, thread: str | None, key: str, since: datetime) -> Search:  # noqa: ARG002 - Sender
        """Mail cannot be searched: better told twice than not at all."""
        return Absent()

    def edit(self, channel: str, external_id: str, message: SlackMessage) -> Outcome:  # noqa: ARG002 - Sender
        """What was told elsewhere is not edited: what became of it is on the desk."""
        return Sent(external_id)

    def close(self) -> None:
        """Nothing is held: each mail has its own connection."""

    def _mail(self, message: SlackMessage, key: str) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["To"] = self._from, ", ".join(self._to)
        mail["Subject"] = text.clip(text.one_line(message.plain), 120)
        mail["Message-ID"] = f"<{key}@{self._from.rpartition('@')[2] or 'seventytwo'}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.plain.replace(" | ", "\n"))
        return mail

    def _connected(self) -> smtplib.SMTP:
        host, context = self._url.hostname or "", ssl.create_default_context()
        server: smtplib.SMTP
        if self._url.scheme == "smtps":
            server = smtplib.SMTP_SSL(host, self._url.port or _SMTPS, timeout=TIMEOUT, context=context)
        else:
            server = smtplib.SMTP(host, self._url.port or _SUBMISSION, timeout=TIMEOUT)
            if not is_loopback(f"http://{self._url.netloc.rpartition('@')[2]}"):
                server.starttls(context=context)
        if self._url.username:
            server.login(unquote(self._url.username), unquote(self._url.password or ""))
        return server


def _mail_refused(refused: smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused) -> Outcome:
    if isinstance(refused, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in refused.recipients.values()]
    else:
        codes = [refused.smtp_code]
    if all(code >= _REFUSED_FOR_GOOD for code in codes):
        return Dead(f"mail refused: {codes[0]}")
    return TryLater(f"mail refused for now: {codes[0]}")
