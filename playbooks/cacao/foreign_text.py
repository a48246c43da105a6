"""Text of outside origin made fit for a playbook: visible, bounded, without what looks like a secret."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

_TAB: Final = " " * 4
_LEFT_OUT: Final = "[{count} characters left out]"
_GUARDED_NAME: Final = (
    r"(?:pass(?:word|wd|phrase)?|secret|token|api[-_ ]?key|access[-_ ]?key|private[-_ ]?key|credential)s?"
)
SECRET_NAME: Final = re.compile(_GUARDED_NAME, re.IGNORECASE)
_SECRETS: Final = (
    re.compile(
        r"(?P<keep>-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----).*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)",
        re.DOTALL,
    ),
    re.compile(
        r"(?P<keep>\b[a-z][a-z0-9+.-]{1,20}://)[^\s/@:]{1,200}(?::[^\s/@]{0,200})?(?=@)", re.IGNORECASE
    ),
    re.compile(
        r"(?P<keep>\b(?:authorization|proxy-authorization|cookie|x-api-key)\b[\"']?\s*[:=]\s*)[^\r\n]{1,2000}",
        re.IGNORECASE,
    ),
    re.compile(rf"(?P<keep>{_GUARDED_NAME}[\w-]{{0,20}}[\"']?\s*[:=]\s*)[^\s,;&]{{1,500}}", re.IGNORECASE),
    re.compile(r"(?P<keep>\s(?:-u|--user)\s+)\S{1,500}"),
)
_SLUG: Final = re.compile(r"[^a-z0-9]+")


def visible(text: str) -> str:
    """Return the text with each control or invisible character written out, line ends and tabs made plain."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", _TAB)
    return "".join(sign if sign.isprintable() or sign == "\n" else f"\\u{ord(sign):04x}" for sign in text)


def line(text: str, limit: int = 200) -> str:
    """Return the text as one visible line."""
    return clipped(" ".join(visible(text[: 4 * limit]).split()), limit)


def words(text: str, limit: int) -> str:
    """Return the text as visible lines; what goes beyond the limit is counted where it is missing."""
    return clipped("\n".join(part.rstrip() for part in visible(text).strip().split("\n")), limit)


def clipped(text: str, limit: int) -> str:
    """Return at most so many characters, saying how many are left out."""
    if len(text) <= limit:
        return text
    mark = _LEFT_OUT.format(count=len(text) - limit + 40)
    return text[: limit - 40].rstrip() + " " + mark


def without_secrets(text: str) -> tuple[str, int]:
    """Return the text with what looks like a secret left out, and how often that was."""
    count = 0
    for pattern in _SECRETS:
        text, found = pattern.subn(r"\g<keep>[left out]", text)
        count += found
    return text, count


def decoded(text: str) -> str | None:
    """Return the text that base64 holds; None when it holds none."""
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        return None


def slug_of(text: str, limit: int = 50) -> str:
    """Return a name in small letters, digits and hyphens; empty when the text holds neither."""
    return _SLUG.sub("-", text[:500].lower()).strip("-")[:limit].strip("-")
