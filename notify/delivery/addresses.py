"""Mail addresses: taken apart strictly, so that nothing in one can become a second one or a header."""

from __future__ import annotations

import re
from dataclasses import dataclass

import httpx

from notify.kinds import MessageFault
from notify.text import one_line, terminal

_LOCAL = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}")
_DOMAIN = re.compile(r"(?:[a-z0-9_](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}", re.IGNORECASE | re.ASCII)
_LONGEST_DOMAIN = 253


@dataclass(frozen=True, slots=True)
class MailAddress:
    """One mail address; its domain is written in ASCII as the name service knows it."""

    local: str
    domain: str

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"

    @property
    def is_ascii(self) -> bool:
        """Whether every mail server can take it; the others must offer SMTPUTF8."""
        return self.local.isascii()


def mail_address(text: str) -> MailAddress:
    """The one address that a text is; raises MessageFault for anything else."""
    local, _, domain = text.rpartition("@")
    named = _in_ascii(domain) if text == one_line(text) and _LOCAL.fullmatch(local) else ""
    if not _DOMAIN.fullmatch(named) or len(named) > _LONGEST_DOMAIN or ".." in f".{local}.":
        raise MessageFault(
            "this is no mail address", which=terminal(text, 100), mend="write it as name@company.example"
        )
    return MailAddress(local, named)


def _in_ascii(domain: str) -> str:
    """The domain as IDNA 2008 writes it; the standard library's codec would make strasse of straße."""
    if domain.isascii():
        return domain
    try:
        return httpx.URL(scheme="https", host=domain).raw_host.decode("ascii")
    except (httpx.InvalidURL, UnicodeError):
        return ""
