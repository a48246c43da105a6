"""`bearer`, `basic` and `api_key`: the source shows its secret itself, for tools that cannot sign.

The same request is known by its `Idempotency-Key` and body; without the key a repeat is a new request.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

from flows.intake.authentication.macs import digest
from flows.intake.authentication.verdicts import UNSIGNED, WRONG, Accepted, Presented, Verdict

_AUTHORIZATION = b"authorization"
_API_KEY = b"x-api-key"
_IDEMPOTENCY_KEY = b"idempotency-key"


def verify_bearer(given: Presented) -> Verdict:
    """Check `Authorization: Bearer` and the secret."""
    return _verdict("bearer", given, _credentials(given, b"bearer"), given.secrets)


def verify_basic(given: Presented) -> Verdict:
    """Check `Authorization: Basic`: the user is the source's name, the password its secret (RFC 7617)."""
    wanted = (_user_and_password(given.source, secret) for secret in given.secrets)
    return _verdict("basic", given, _credentials(given, b"basic"), wanted)


def verify_api_key(given: Presented) -> Verdict:
    """Check `X-Api-Key` and the secret."""
    return _verdict("api_key", given, given.headers.get(_API_KEY, b"").strip(), given.secrets)


def prove_bearer(_: str, secret: str, __: bytes, ___: datetime) -> dict[str, str]:
    """The header that a sender adds."""
    return {"Authorization": f"Bearer {secret}"}


def prove_basic(source: str, secret: str, _: bytes, __: datetime) -> dict[str, str]:
    """The header that a sender adds."""
    return {"Authorization": f"Basic {_user_and_password(source, secret.encode()).decode()}"}


def prove_api_key(_: str, secret: str, __: bytes, ___: datetime) -> dict[str, str]:
    """The header that a sender adds."""
    return {"X-Api-Key": secret}


def _credentials(given: Presented, scheme: bytes) -> bytes:
    named, _, credentials = given.headers.get(_AUTHORIZATION, b"").partition(b" ")
    return credentials.strip() if named.lower() == scheme else b""


def _user_and_password(source: str, secret: bytes) -> bytes:
    return base64.b64encode(source.encode() + b":" + secret)


def _verdict(scheme: str, given: Presented, shown: bytes, wanted: Iterable[bytes]) -> Verdict:
    is_same = _is_one_of(shown, wanted)
    if not shown:
        return UNSIGNED
    if not is_same:
        return WRONG
    key = given.headers.get(_IDEMPOTENCY_KEY)
    return Accepted(digest(scheme, given.source, key, given.body) if key else None)


def _is_one_of(shown: bytes, wanted: Iterable[bytes]) -> bool:
    """Compare hashes, so that neither length nor content of a secret shows in the time it takes."""
    hashed = hashlib.sha256(shown).digest()
    same = [hmac.compare_digest(hashed, hashlib.sha256(one).digest()) for one in wanted]
    return any(same)
