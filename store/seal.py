"""The keys of the house: what is sealed under them, and how a sealed value is still found."""

from __future__ import annotations

import base64
import hmac
import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from playbooks.errors import SetupFault, TellHuman

VARIABLE = "SEVENTYTWO_KEY"
_FORMAT = b"\x01"
_ID, _NONCE = 8, 12
_HEAD = len(_FORMAT) + _ID + _NONCE


class KeyMissing(SetupFault):
    """No usable key was found where the house keeps it."""


class Unsealable(TellHuman):
    """A sealed value that no key of ours opens: another key's, another column's, or edited."""


@dataclass(frozen=True, slots=True, repr=False)
class _Key:
    id: bytes
    aead: AESGCM
    index: bytes


def _derive(secret: bytes, purpose: str) -> bytes:
    return hmac.digest(secret, f"seventytwo {purpose}".encode(), "sha256")


def _key(secret: bytes) -> _Key:
    if len(secret) != 32:
        raise KeyMissing("a key must have 32 bytes", which=f"{len(secret)} given")
    return _Key(
        id=_derive(secret, "key id")[:_ID],
        aead=AESGCM(_derive(secret, "seal")),
        index=_derive(secret, "blind index"),
    )


class Keyring:
    """The keys of one house: the first one seals, every one opens what names it."""

    def __init__(self, secrets: Sequence[bytes]) -> None:
        if not secrets:
            raise KeyMissing("the keyring is empty", mend="give at least one key")
        keys = [_key(secret) for secret in secrets]
        self._current = keys[0]
        self._keys = {key.id: key for key in reversed(keys)}

    @classmethod
    def from_env_or_file(cls, path: Path, environ: Mapping[str, str] | None = None) -> Keyring:
        """Read the keys from SEVENTYTWO_KEY (base64, comma between several), else from a 0600 file."""
        text = (os.environ if environ is None else environ).get(VARIABLE, "")
        if text.strip():
            return cls(_parse(text.replace(",", "\n"), VARIABLE))
        return cls(_parse(_read_private(path), str(path)))

    @classmethod
    def create(cls, path: Path) -> Keyring:
        """Write a new key to a 0600 file that must not exist yet; the file's folder must."""
        secret = AESGCM.generate_key(256)
        _write_private(path, base64.b64encode(secret).decode() + "\n")
        return cls([secret])

    @classmethod
    def rotate(cls, path: Path) -> Keyring:
        """Put a new key before those of the file: it seals from now on, the old ones still open."""
        old = _read_private(path)
        _parse(old, str(path))
        fresh = path.with_name(path.name + ".new")
        _write_private(fresh, base64.b64encode(AESGCM.generate_key(256)).decode() + "\n" + old)
        fresh.replace(path)
        return cls(_parse(_read_private(path), str(path)))

    def seal(self, label: str, plain: bytes) -> bytes:
        """Encrypt under the current key, bound to its label (table.column)."""
        nonce = os.urandom(_NONCE)
        head = _FORMAT + self._current.id + nonce
        return head + self._current.aead.encrypt(nonce, plain, label.encode())

    def unseal(self, label: str, sealed: bytes) -> bytes:
        """Decrypt what was sealed under this label; raises Unsealable."""
        key = self._keys.get(sealed[1 : 1 + _ID])
        if sealed[:1] != _FORMAT or len(sealed) < _HEAD + 16 or key is None:
            raise Unsealable("a sealed value names no key of ours", which=label)
        try:
            return key.aead.decrypt(sealed[1 + _ID : _HEAD], sealed[_HEAD:], label.encode())
        except InvalidTag:
            raise Unsealable("a sealed value was edited or belongs elsewhere", which=label) from None

    def is_current(self, sealed: bytes) -> bool:
        """Whether the value is sealed under the key that seals now."""
        return sealed[1 : 1 + _ID] == self._current.id

    def blind_index(self, value: str) -> str:
        """A keyed digest to store beside a sealed value, so that equality can be searched."""
        return _index(self._current.index, value)

    def blind_indexes(self, value: str) -> tuple[str, ...]:
        """The digests of the value under every key, to find what was indexed before a rotation."""
        return tuple(_index(key.index, value) for key in self._keys.values())

    def __repr__(self) -> str:
        return f"Keyring({len(self._keys)} keys)"


def _index(key: bytes, value: str) -> str:
    return hmac.digest(key, value.encode(), "sha256").hex()


def _parse(text: str, where: str) -> list[bytes]:
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    try:
        secrets = [base64.b64decode(line, validate=True) for line in lines]
    except ValueError:
        raise KeyMissing("a key is not base64", which=where, mend="restore it from its backup") from None
    if not secrets or any(len(secret) != 32 for secret in secrets):
        raise KeyMissing("a key is not 32 bytes in base64", which=where, mend="restore it from its backup")
    return secrets


def _read_private(path: Path) -> str:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        text = path.read_text("ascii")
    except FileNotFoundError:
        mend = f"set {VARIABLE} or run `seventytwo up` once, which creates the file"
        raise KeyMissing("no key", which=str(path), mend=mend) from None
    except (OSError, UnicodeDecodeError) as error:
        raise KeyMissing("the key file cannot be read", which=str(path), mend=str(error)) from error
    if os.name == "posix" and mode & 0o077:
        raise KeyMissing("the key file can be read by others", which=str(path), mend=f"chmod 600 {path}")
    return text


def _write_private(path: Path, text: str) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise SetupFault("the key file exists already", which=str(path), mend="keep it") from None
    except OSError as error:
        raise SetupFault("the key file cannot be written", which=str(path), mend=str(error)) from error
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


_in_use: list[Keyring] = []


def use_keyring(keyring: Keyring) -> None:
    """Make this the keyring of the process: sealed columns use it from now on."""
    _in_use[:] = [keyring]


def keyring_in_use() -> Keyring:
    """The keyring of the process; raises KeyMissing when none was set."""
    if not _in_use:
        raise KeyMissing("no keyring is in use", mend="open the store first")
    return _in_use[0]
