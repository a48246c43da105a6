"""The words kept of a signed body that could not be read."""

from __future__ import annotations

import base64

_BYTES = "base64:"
_LONGEST_FAULT = 300


def fault_text(what: str, which: str) -> str:
    """Why a body could not be read, short enough to be kept."""
    return (f"{what} ({which})" if which else what)[:_LONGEST_FAULT]


def kept_text(body: bytes) -> str:
    """The body as text, from which `kept_bytes` makes the very same bytes again."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return _BYTES + base64.b64encode(body).decode("ascii")
    return _BYTES + base64.b64encode(body).decode("ascii") if text.startswith(_BYTES) else text


def kept_bytes(text: str) -> bytes:
    """The bytes that were received."""
    if text.startswith(_BYTES):
        return base64.b64decode(text.removeprefix(_BYTES))
    return text.encode("utf-8")
