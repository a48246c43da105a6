"""A detached signature over a playbook's canonical form: Ed25519 (RFC 8032), by those whose keys count.

The canonical form is the whole playbook as JSON, with everything taken in, keys sorted and without spaces. It
does not change with comments, order of keys or where a step is written; it does with any word of a step.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from playbooks.errors import SetupFault
from playbooks.models import Playbook

_PURPOSE = b"seventytwo playbook 1\n"


@dataclass(frozen=True, slots=True)
class Signature:
    """What a signature file says: of which playbook, over which digest."""

    playbook: str
    sha256: str
    signature: str

    def as_json(self) -> str:
        """The text of a signature file."""
        said = {"playbook": self.playbook, "sha256": self.sha256, "signature": self.signature}
        return json.dumps(said, indent=2) + "\n"


def canonical(playbook: Playbook) -> bytes:
    """Return the canonical form of a playbook, UTF-8.

    What is as usual is left out, so that a key which a later release adds ends no signature.
    """
    said = playbook.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(playbook: Playbook) -> str:
    """Return the SHA-256 of the canonical form, in hex."""
    return hashlib.sha256(canonical(playbook)).hexdigest()


def sign(playbook: Playbook, key: bytes) -> Signature:
    """Return a signature by a private Ed25519 key in PEM; raises SetupFault."""
    private = _private(key)
    signed = private.sign(_PURPOSE + canonical(playbook))
    return Signature(playbook.ref, digest(playbook), base64.b64encode(signed).decode())


def read_signature(text: str, file: str) -> Signature:
    """Return what a signature file says; raises SetupFault."""
    try:
        said: dict[str, Any] = json.loads(text)
        found = Signature(*(str(said[key]) for key in ("playbook", "sha256", "signature")))
    except (ValueError, KeyError, TypeError, RecursionError):
        raise SetupFault("no signature of a playbook", which=file, mend="sign it anew") from None
    return found


def signer_of(playbook: Playbook, signature: Signature, keys: Mapping[str, bytes]) -> str | None:
    """Return whose key made the signature over this playbook; `keys` are public, in PEM, by name."""
    try:
        signed = base64.b64decode(signature.signature, validate=True)
    except ValueError:
        return None
    for name, pem in keys.items():
        try:
            _public(pem, name).verify(signed, _PURPOSE + canonical(playbook))
        except InvalidSignature:
            continue
        return name
    return None


def public_key_fault(pem: bytes, name: str) -> str:
    """Return what is wrong with a public key; empty if it can be used."""
    try:
        _public(pem, name)
    except SetupFault as fault:
        return str(fault)
    return ""


def _private(pem: bytes) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        mend = "an unencrypted PEM file, as `openssl genpkey -algorithm ed25519` writes it"
        raise SetupFault("no private key that can sign", mend=mend) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise SetupFault("not an Ed25519 key", mend="openssl genpkey -algorithm ed25519")
    return key


def _public(pem: bytes, name: str) -> Ed25519PublicKey:
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        mend = "a PEM file, as `openssl pkey -pubout` writes it"
        raise SetupFault("not a public Ed25519 key", which=name, mend=mend)
    return key
