"""Bytes of any length sealed in one pass and constant memory, in chunks that know their place.

A stream begins with a mark and its own random key, sealed under the house's key, which is thereby named and
may be rotated. Chunks of 1 MiB follow, each AES-256-GCM under a nonce of its index and whether it is the last
(the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015): a chunk that is edited, moved, left
out, taken from elsewhere or cut off the end does not open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from store.seal import Keyring, Unsealable

Read = Callable[[int], bytes]
"""As a file's `read`: that many bytes, fewer only at the end."""

CHUNK = 1 << 20
_MARK = b"72vault\x01"
_LABEL = "vault.key"
_TAG = 16
_HEAD = len(_MARK) + 1 + 8 + 12 + 32 + _TAG


def seal_stream(keyring: Keyring, read: Read) -> Iterator[bytes]:
    """The sealed form of everything that `read` gives, piece by piece."""
    secret = AESGCM.generate_key(256)
    head = _MARK + keyring.seal(_LABEL, secret)
    cipher = AESGCM(secret)
    yield head
    for index, chunk, last in _chunks(read, CHUNK):
        yield cipher.encrypt(_nonce(index, last=last), chunk, head)


def unseal_stream(keyring: Keyring, read: Read) -> Iterator[bytes]:
    """The plain bytes of a sealed stream, each piece proved before it is given; raises Unsealable.

    Only when the iteration ends without an error were those pieces all there is.
    """
    head = read(_HEAD)
    if len(head) < _HEAD or not head.startswith(_MARK):
        raise Unsealable("these bytes were never sealed here, or their beginning is lost")
    cipher = AESGCM(keyring.unseal(_LABEL, head[len(_MARK) :]))
    for index, chunk, last in _chunks(read, CHUNK + _TAG):
        try:
            yield cipher.decrypt(_nonce(index, last=last), chunk, head)
        except InvalidTag:
            raise Unsealable("sealed bytes were edited, cut or exchanged", which=f"chunk {index}") from None


def _chunks(read: Read, size: int) -> Iterator[tuple[int, bytes, bool]]:
    """Each chunk with its index, and whether it is the last; there is always one, which may be empty."""
    index, chunk = 0, read(size)
    while following := read(size):
        yield index, chunk, False
        index, chunk = index + 1, following
    yield index, chunk, True


def _nonce(index: int, *, last: bool) -> bytes:
    return index.to_bytes(11, "big") + (b"\x01" if last else b"\x00")
