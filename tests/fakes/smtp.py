"""A mail server that speaks real SMTP with STARTTLS, a login and DSN, and fails as it is told.

with FakeSmtp() as smtp:
    EmailWay(smtp.url, "incidents@provider.example")          # plain, as on loopback
    EmailWay(smtp.url, "...", trust=smtp.trust)               # STARTTLS, certificate checked
    smtp.trouble("RCPT", "450 4.2.0 greylisted")              # once
    smtp.refuse("gone@client.example")                        # 550 for ever
    smtp.trouble("DATA", lose_answer=True)                    # taken, and the connection cut
"""

# ruff: noqa: ARG002, N802 - the names of the hooks, and what they are given, are aiosmtpd's

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from typing import Any, Self
from urllib.parse import quote

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

WAIT = 60.0
_DSN = re.compile(r"\s+(RET|ENVID|NOTIFY|ORCPT)=(\S+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail as the server took it."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    dsn: dict[str, str]
    protected: bool
    user: str

    @property
    def mail(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)  # type: ignore[return-value]

    @property
    def text(self) -> str:
        body = self.mail.get_body(("plain",))
        assert body is not None
        return str(body.get_content())


@dataclass(slots=True)
class Trouble:
    """What goes wrong at one command: an answer, a cut connection, a wait; `times` counts down."""

    command: str
    answer: str = ""
    times: float = 1
    cut: bool = False
    lose_answer: bool = False
    wait: float = 0.0


@cache
def authority() -> trustme.CA:
    """One certificate authority for all stand-ins of a test run; making keys takes time."""
    return trustme.CA()


def server_context(*names: str) -> ssl.SSLContext:
    """A context for a server of these names."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority().issue_cert(*(names or ("127.0.0.1", "localhost"))).configure_cert(context)
    return context


def client_context() -> ssl.SSLContext:
    """A context that trusts the stand-ins, and nobody else."""
    context = ssl.create_default_context()
    authority().configure_trust(context)
    return context


@dataclass
class FakeSmtp:
    """A mail server on a free port of this machine; `login` is user and password, if one is wanted."""

    starttls: bool = True
    smtps: bool = False
    dsn: bool = True
    smtputf8: bool = True
    login: tuple[str, str] | None = None
    names: tuple[str, ...] = ("127.0.0.1", "localhost")
    port: int = 0
    taken: list[Taken] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._changed = threading.Condition()
        self._troubles: list[Trouble] = []
        self._refused: dict[str, str] = {}
        self.controller = _Controller(self)
        self.controller.start()
        assert self.controller.server is not None
        self.port = self.controller.server.sockets[0].getsockname()[1]

    @property
    def url(self) -> str:
        """Where it listens, with its login."""
        who = f"{quote(self.login[0], safe='')}:{quote(self.login[1], safe='')}@" if self.login else ""
        return f"{'smtps' if self.smtps else 'smtp'}://{who}127.0.0.1:{self.port}"

    @property
    def trust(self) -> ssl.SSLContext:
        """A client's context that trusts its certificate."""
        return client_context()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening; further connections are refused by the machine."""
        with contextlib.suppress(AssertionError):
            self.controller.stop()

    def trouble(self, command: str, answer: str = "", **how: Any) -> None:
        """Let a command (CONNECT, EHLO, MAIL, RCPT, DATA, END) fail, once or `times`."""
        with self._changed:
            self._troubles.append(Trouble(command, answer, **how))

    def refuse(self, address: str, answer: str = "550 5.1.1 no such user here") -> None:
        """Refuse one recipient for good."""
        self._refused[address] = answer

    def mend(self) -> None:
        """End every trouble."""
        with self._changed:
            self._troubles.clear()
            self._refused.clear()

    def expect(self, address: str, *, timeout: float = WAIT) -> Taken:
        """Wait for a mail to one address."""
        found: list[Taken] = []

        def arrived() -> bool:
            found[:] = [each for each in self.taken if address in each.recipients]
            return bool(found)

        with self._changed:
            if not self._changed.wait_for(arrived, timeout):
                raise AssertionError(f"no mail to {address}; there are {[m.recipients for m in self.taken]}")
            return found[-1]

    def wait_for(self, arrived: Callable[[], bool], timeout: float = WAIT) -> None:
        """Wait until `arrived`, looked at after each mail, is true."""
        with self._changed:
            assert self._changed.wait_for(arrived, timeout), f"still not so; {len(self.taken)} mails"

    def next_trouble(self, command: str) -> Trouble | None:
        with self._changed:
            for trouble in self._troubles:
                if trouble.command == command and trouble.times > 0:
                    trouble.times -= 1
                    return trouble
        return None

    def refusal_of(self, address: str) -> str | None:
        return self._refused.get(address)

    def take(self, mail: Taken) -> None:
        with self._changed:
            self.taken.append(mail)
            self._changed.notify_all()


class _Controller(Controller):
    def __init__(self, fake: FakeSmtp) -> None:
        self._fake = fake
        self._context = server_context(*fake.names) if fake.starttls or fake.smtps else None
        super().__init__(
            _Handler(fake),
            hostname="127.0.0.1",
            port=fake.port,
            ssl_context=self._context if fake.smtps else None,
            enable_SMTPUTF8=fake.smtputf8,
        )

    def factory(self) -> SMTP:
        return _Session(
            self._fake,
            self.handler,
            tls_context=self._context if not self._fake.smtps else None,
            hostname="fake.example",
            enable_SMTPUTF8=self._fake.smtputf8,
            auth_require_tls=False,
            authenticator=self._authenticate if self._fake.login else None,
            loop=self.loop,
        )

    def _trigger_server(self) -> None:
        """The port is only known once it listens; a session is made when a client comes."""
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        super()._trigger_server()

    def _authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str,
                      given: Any) -> AuthResult:  # fmt: skip
        assert isinstance(given, LoginPassword)
        right = (given.login.decode(), given.password.decode()) == self._fake.login
        return AuthResult(success=right, handled=False, auth_data=given.login.decode())


class _Session(SMTP):
    """A session that understands DSN and meets the troubles of the stand-in."""

    def __init__(self, fake: FakeSmtp, handler: Any, **how: Any) -> None:
        self._fake = fake
        self.dsn: dict[str, str] = {}
        super().__init__(handler, **how)

    async def push(self, status: Any) -> None:
        if str(status).startswith("220 ") and not self._seen_greeting:
            self._seen_greeting = True
            if await self.met("CONNECT"):
                return
        await super().push(status)

    _seen_greeting = False

    async def met(self, command: str) -> bool:
        """Meet the trouble of a command, if any; whether the command is thereby answered."""
        trouble = self._fake.next_trouble(command)
        if trouble is None:
            return False
        if trouble.wait:
            await asyncio.sleep(trouble.wait)
        if trouble.cut or trouble.lose_answer:
            assert self.transport is not None
            self.transport.abort()  # type: ignore[attr-defined]
            return True
        if trouble.answer:
            await super().push(trouble.answer)
        return bool(trouble.answer)

    async def smtp_EHLO(self, hostname: str) -> None:
        self._fake.commands.append(f"EHLO {hostname}")
        if not await self.met("EHLO"):
            await super().smtp_EHLO(hostname)

    async def smtp_MAIL(self, arg: str | None) -> None:
        self._fake.commands.append(f"MAIL {arg}")
        assert self.session is not None
        if self._fake.login and not self.session.authenticated:
            await self.push("530 5.7.0 Authentication required")
        elif not await self.met("MAIL"):
            self.dsn = {}
            await super().smtp_MAIL(self._without_dsn(arg))

    async def smtp_RCPT(self, arg: str | None) -> None:
        self._fake.commands.append(f"RCPT {arg}")
        if not await self.met("RCPT"):
            await super().smtp_RCPT(self._without_dsn(arg))

    async def smtp_DATA(self, arg: str) -> None:
        self._fake.commands.append("DATA")
        if not await self.met("DATA"):
            await super().smtp_DATA(arg)

    def _without_dsn(self, arg: str | None) -> str | None:
        if arg is None or not self._fake.dsn:
            return arg
        self.dsn |= {name.upper(): value for name, value in _DSN.findall(arg)}
        return _DSN.sub("", arg)


class _Handler:
    def __init__(self, fake: FakeSmtp) -> None:
        self._fake = fake

    async def handle_EHLO(self, server: _Session, session: Session, envelope: Envelope, hostname: str,
                          responses: list[str]) -> list[str]:  # fmt: skip
        session.host_name = hostname
        return [*responses[:-1], *(["250-DSN"] if self._fake.dsn else []), responses[-1]]

    async def handle_RCPT(self, server: _Session, session: Session, envelope: Envelope, address: str,
                          options: list[str]) -> str:  # fmt: skip
        refused = self._fake.refusal_of(address)
        if refused is None:
            envelope.rcpt_tos.append(address)
        return refused or "250 2.1.5 OK"

    async def handle_DATA(self, server: _Session, session: Session, envelope: Envelope) -> str:
        trouble = self._fake.next_trouble("END")
        if trouble is not None and trouble.wait:
            await asyncio.sleep(trouble.wait)
        if trouble is not None and (trouble.answer or trouble.cut):
            if trouble.cut:
                server.transport.abort()  # type: ignore[union-attr]
            return trouble.answer or "451 cut"
        self._fake.take(
            Taken(
                str(envelope.mail_from),
                tuple(envelope.rcpt_tos),
                envelope.original_content or b"",
                dict(server.dsn),
                session.ssl is not None or self._fake.smtps,
                str(session.auth_data or ""),
            )
        )
        if trouble is not None and trouble.lose_answer:
            server.transport.abort()  # type: ignore[union-attr]
        return f"250 2.0.0 queued as {len(self._fake.taken)}"
