"""Notices by e-mail: handed to one relay over SMTP, each of its answers sorted by what may be done next."""

from __future__ import annotations

import contextlib
import logging
import re
import smtplib
import ssl
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from notify.delivery.addresses import mail_address
from notify.delivery.mail import Mail, compose
from notify.delivery.outcomes import Absent, Bounced, Dead, Dispatched, Outcome, Search, TryLater, Unknown
from notify.delivery.parcel import Parcel, refusal
from notify.delivery.session import PlainSession, TlsSession
from notify.kinds import MessageFault
from notify.loopback import is_loopback
from notify.text import terminal
from playbooks.errors import SetupFault

PERSON_SECONDS = 300.0
"""When to try again after what a person has to mend: soon for a clock of hours, too slow to lock a login."""
LONGEST = 150.0
"""Seconds that one attempt may take in all; the lease on a delivery is longer."""
_PORTS = {"smtp": 587, "smtps": 465}
_NOT_LET_IN = frozenset({530, 534, 535, 538})
_LINE_START_DOT = re.compile(rb"^\.", re.MULTILINE)

log = logging.getLogger("seventytwo.delivery")


@dataclass(frozen=True, slots=True)
class Relay:
    """The mail server of a URL, smtp:// or smtps://; its login is never shown."""

    host: str
    port: int
    tls: bool
    """From the first byte; otherwise by STARTTLS."""
    near: bool
    """On this machine, where STARTTLS is not asked for."""
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @classmethod
    def of(cls, url: str) -> Relay:
        """The relay that a URL names; raises SetupFault, which never holds the URL."""
        mend = "write it as smtp://user:password@mail.example:587"
        try:
            parts = urlsplit(url)
            port = parts.port or _PORTS[parts.scheme]
        except (KeyError, ValueError):
            raise SetupFault("the mail server is no smtp:// or smtps:// address", mend=mend) from None
        if not parts.hostname or parts.path.strip("/") or parts.query:
            raise SetupFault("the mail server's address has no host, or a path", mend=mend)
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return cls(parts.hostname, port, parts.scheme == "smtps", is_loopback(url), user, password)


class EmailWay:
    """Mail through one relay, a connection for each; safe to use from several threads.

    `trust` replaces the machine's certificates, and asks for STARTTLS on loopback too.
    """

    def __init__(
        self,
        url: str,
        sender: str,
        *,
        trust: ssl.SSLContext | None = None,
        timeout: float = 30.0,
        longest: float = LONGEST,
    ) -> None:
        self._longest = longest
        self._relay, self._sender, self._timeout = Relay.of(url), mail_address(sender), timeout
        self._wants_starttls = not self._relay.tls and (trust is not None or not self._relay.near)
        self._trust = trust or ssl.create_default_context()

    def send(self, parcel: Parcel, attempt: int) -> Outcome:  # noqa: ARG002 - Way: each attempt is the same mail
        """Hand the notice to the relay; what the relay then says of it comes back as a mail."""
        refused = refusal(parcel)
        if refused is not None:
            return refused
        try:
            mail = compose(parcel, self._sender)
        except MessageFault as fault:
            return Dead(str(fault))
        smtp = self._connected()
        if isinstance(smtp, TryLater):
            return smtp
        try:
            return _handed_over(smtp, mail)
        finally:
            _quit(smtp)

    def find(self, parcel: Parcel) -> Search:  # noqa: ARG002 - Way
        """A mail cannot be searched for; whoever asks decides whether enough time has gone by."""
        return Absent()

    def close(self) -> None:
        """Nothing is held open."""

    def _connected(self) -> smtplib.SMTP | TryLater:
        """A session that is protected and logged in, or why there is none."""
        smtp = None
        try:
            smtp = self._greeted()
            smtp.ehlo_or_helo_if_needed()
            if self._wants_starttls:
                smtp.starttls(context=self._trust)
                smtp.ehlo()
            if self._relay.user:
                smtp.login(self._relay.user, self._relay.password)
        except (OSError, ValueError) as error:  # SMTPException is an OSError
            if smtp is not None:
                smtp.close()
            return _not_connected(error)
        return smtp

    def _greeted(self) -> smtplib.SMTP:
        """A connection; it greets with our mail domain, never with this machine's name."""
        host, port, named, timeout = self._relay.host, self._relay.port, self._sender.domain, self._timeout
        if self._relay.tls:
            return TlsSession(host, port, named, timeout=timeout, context=self._trust, longest=self._longest)
        return PlainSession(host, port, named, timeout=timeout, longest=self._longest)


def _not_connected(error: OSError | ValueError) -> TryLater:
    """Nothing left this machine; the words never hold the login."""
    match error:
        case ssl.SSLCertVerificationError():
            why = f"the mail server's certificate is not accepted: {terminal(error.verify_message, 120)}"
        case ssl.SSLError():
            why = "no protected connection with the mail server"
        case smtplib.SMTPAuthenticationError(smtp_code=code):
            why = f"the mail server refuses our login ({code})"
        case smtplib.SMTPNotSupportedError():
            why = "the mail server offers no STARTTLS, or no login"
        case smtplib.SMTPResponseException(smtp_code=code, smtp_error=said):
            return TryLater(f"the mail server turns us away: {_words(code, said)}")
        case smtplib.SMTPServerDisconnected():
            return TryLater("the mail server went away before it was ready")
        case smtplib.SMTPException() | ValueError():
            why = f"no session with the mail server: {type(error).__name__}"
        case _:
            return TryLater(f"the mail server is not reached: {type(error).__name__}")
    log.error("no notice can be mailed: %s", why)
    return TryLater(why, PERSON_SECONDS)


def _handed_over(smtp: smtplib.SMTP, mail: Mail) -> Outcome:
    """Envelope, content, and its last dot apart: what breaks before the dot was surely not taken."""
    if not mail.is_ascii and not smtp.has_extn("smtputf8"):
        return Dead("the mail server takes no address beyond ASCII (SMTPUTF8)")
    try:
        refused = _enveloped(smtp, mail)
        if refused is not None:
            return refused
        code, said = smtp.docmd("DATA")
        if code != 354:
            return _refused(code, said)
        smtp.send(_LINE_START_DOT.sub(b"..", mail.content))
    except OSError as error:
        return TryLater(f"the connection was lost before the mail was complete: {type(error).__name__}")
    try:
        smtp.send(b".\r\n")
        code, said = smtp.getreply()
    except OSError as error:
        return Unknown(f"the connection was lost before the mail server answered: {type(error).__name__}")
    if 200 <= code <= 299:
        return Dispatched(mail.message_id, _words(code, said))
    return _refused(code, said) if 400 <= code <= 599 else Unknown(f"an answer that is none: {code}")


def _enveloped(smtp: smtplib.SMTP, mail: Mail) -> Outcome | None:
    """Sender and recipient told to the relay; none if both are taken."""
    dsn, size = smtp.has_extn("dsn"), smtp.has_extn("size")
    options = [f"SIZE={len(mail.content)}"] if size else []
    options += [] if mail.is_ascii else ["SMTPUTF8", "BODY=8BITMIME"]
    options += ["RET=HDRS", f"ENVID={xtext(mail.key)}"] if dsn else []
    code, said = smtp.mail(str(mail.sender), options)
    if code != 250:
        return _refused(code, said, by_recipient=False)
    wanted = ["NOTIFY=SUCCESS,FAILURE,DELAY"] if dsn else []
    wanted += [f"ORCPT=rfc822;{xtext(str(mail.recipient))}"] if dsn and mail.recipient.is_ascii else []
    code, said = smtp.rcpt(str(mail.recipient), wanted)
    return None if code in {250, 251, 252} else _refused(code, said)


def _refused(code: int, said: bytes, *, by_recipient: bool = True) -> Outcome:
    words = _words(code, said)
    if code in _NOT_LET_IN:
        log.error("no notice can be mailed: the mail server wants a login: %s", words)
        return TryLater(f"the mail server wants a login: {words}", PERSON_SECONDS)
    if not 500 <= code <= 599:
        return TryLater(words)
    return (
        Bounced(f"refused: {words}", words) if by_recipient else Dead(f"our own mail server refuses: {words}")
    )


def xtext(text: str) -> str:
    """ASCII text as an SMTP parameter may hold it (RFC 3461, 4)."""
    return "".join(char if "!" <= char <= "~" and char not in "+=" else f"+{ord(char):02X}" for char in text)


def _words(code: int, said: bytes | str) -> str:
    told = said.decode(errors="replace") if isinstance(said, bytes) else said
    return f"{code} {terminal(told)}".strip()


def _quit(smtp: smtplib.SMTP) -> None:
    """Take leave; whatever is said to that changes nothing."""
    with contextlib.suppress(OSError):
        smtp.quit()
    smtp.close()
