"""The vault: what was secured, sealed, each content once, in a folder or in S3-compatible storage alike.

A content's name is a keyed digest of its SHA-256, so that whoever owns the storage cannot ask whether a known
file lies there. New bytes are written under `incoming/` and then take their name in one move: no half file
ever bears it. What is to be destroyed is first set aside, so that it can be put back if it is still needed.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playbooks.errors import SetupFault, TellHuman, Unreachable
from store.seal import Keyring, Unsealable
from store.sealed_stream import Read, seal_stream, unseal_stream

_PART = 16 << 20
"""Bytes of a part in S3, which takes 10,000 of them: 156 GiB for one file."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class BytesMissing(TellHuman):
    """The vault has nothing under a name that it was given bytes under."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the vault took: its name there, SHA-256 and size of the plain bytes, and whether it was new."""

    name: str
    sha256: str
    size: int | None
    is_new: bool = False


class Vault:
    """Sealed contents under one root of an fsspec filesystem, whose library may raise `strange` errors."""

    def __init__(
        self, files: Any, root: str, keyring: Keyring, strange: tuple[type[Exception], ...] = ()
    ) -> None:
        self.root = root.rstrip("/")
        self._files, self._keyring = files, keyring
        self._away: tuple[type[Exception], ...] = (*strange, ConnectionError, TimeoutError)
        self._local = "file" in files.protocol

    def put(self, read: Read) -> Kept:
        """Take everything that `read` gives, in constant memory; leaves nothing behind when it fails.

        Raises SetupFault where there is no room or no right to write, Unreachable where nobody answers.
        """
        tally = _Tally(read)
        beside = f"{self.root}/incoming/{secrets.token_hex(16)}"
        try:
            with self._faults():
                self._write(beside, seal_stream(self._keyring, tally.read))
                return self._name(beside, tally)
        except BaseException:
            with suppress(OSError, *self._away):
                self._files.rm_file(beside)
            raise

    def read(self, name: str) -> Iterator[bytes]:
        """The plain bytes of that name, piece by piece; raises BytesMissing, or Unsealable if tampered with.

        Only when the iteration ends without an error were those pieces all there is.
        """
        tally = hashlib.sha256()
        with self._faults(), self._open(name) as file:
            for piece in unseal_stream(self._keyring, file.read):
                tally.update(piece)
                yield piece
        if name not in self._keyring.blind_indexes(tally.hexdigest()):
            raise Unsealable("the vault holds another content under this name", which=name[:16])

    def holds(self, name: str) -> bool:
        """Whether there are bytes under that name."""
        with self._faults():
            return bool(self._files.exists(self._path(name)))

    def set_aside(self, name: str) -> None:
        """Take a content out of reach, to be put back or destroyed; nothing happens where there is none."""
        with self._faults(), suppress(FileNotFoundError):
            self._move(self._path(name), self._aside(name))

    def put_back(self, name: str) -> None:
        """Put back what was set aside; nothing happens where nothing was."""
        with self._faults(), suppress(FileNotFoundError):
            self._move(self._aside(name), self._path(name))

    def destroy(self, name: str) -> None:
        """Remove for ever what was set aside; nothing happens where nothing was."""
        with self._faults(), suppress(FileNotFoundError):
            self._files.rm_file(self._aside(name))

    def names_aside(self) -> list[str]:
        """The names of what is set aside: of a removal that runs now, or of one that was cut short."""
        with self._faults():
            return [path.rpartition("/")[2] for path in self._files.find(f"{self.root}/aside")]

    def sweep(self, before: datetime) -> int:
        """Remove what intakes that died before that instant have left; returns how many."""
        swept = 0
        with self._faults():
            for path in self._files.find(f"{self.root}/incoming"):
                with suppress(FileNotFoundError):
                    if self._age(path) < before:
                        self._files.rm_file(path)
                        swept += 1
        return swept

    def __repr__(self) -> str:
        return f"Vault({self.root})"

    def _name(self, beside: str, tally: _Tally) -> Kept:
        """Give new bytes their name; over the same content they are written again, which mends it."""
        digest = tally.digest.hexdigest()
        known = [name for name in self._keyring.blind_indexes(digest) if self._files.exists(self._path(name))]
        name = known[0] if known else self._keyring.blind_index(digest)
        self._move(beside, self._path(name))
        return Kept(name, digest, tally.size, is_new=not known)

    def _write(self, path: str, pieces: Iterator[bytes]) -> None:
        self._prepare(path)
        with self._files.open(path, "wb", block_size=_PART) as file:
            for piece in pieces:
                file.write(piece)
            if self._local:
                self._files.chmod(path, 0o600)
                file.flush()
                os.fsync(file.fileno())

    def _open(self, name: str) -> Any:
        try:
            return self._files.open(self._path(name), "rb", block_size=_PART)
        except FileNotFoundError:
            mend = "look for it in your backups of the vault"
            raise BytesMissing("the vault lacks what it was given", which=name[:16], mend=mend) from None

    def _move(self, source: str, target: str) -> None:
        """Move in one step: a rename in a folder, a copy that is there whole or not at all in S3."""
        self._prepare(target)
        self._files.mv(source, target)
        if self._local and os.name == "posix":  # elsewhere a folder cannot be forced to the disk
            folder = os.open(Path(target).parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def _prepare(self, path: str) -> None:
        """Make the folders of a path, for their owner alone; S3 has none."""
        if self._local:
            Path(self.root).mkdir(parents=True, exist_ok=True, mode=0o700)
            Path(path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)

    def _age(self, path: str) -> datetime:
        at: datetime = self._files.modified(path)
        return at if at.tzinfo else at.replace(tzinfo=UTC)

    def _path(self, name: str) -> str:
        return f"{self.root}/contents/{name[:2]}/{name}"

    def _aside(self, name: str) -> str:
        return f"{self.root}/aside/{name}"

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Turn what the storage says into an error of ours; its own words may hold a secret address."""
        try:
            yield
        except self._away as error:
            mend = f"check address, credentials and network, then try again ({type(error).__name__})"
            raise Unreachable("the evidence vault did not answer", which=self.root, mend=mend) from None
        except OSError as error:
            raise _fault(error, self.root) from None


class _Tally:
    """Reads through, and knows the SHA-256 and the size of what went by."""

    def __init__(self, read: Read) -> None:
        self._read, self.digest, self.size = read, hashlib.sha256(), 0

    def read(self, size: int) -> bytes:
        piece = self._read(size)
        self.digest.update(piece)
        self.size += len(piece)
        return piece


def _fault(error: OSError, root: str) -> SetupFault:
    if error.errno in _FULL:
        mend = "make room, then give it again; nothing was kept"
        return SetupFault("the evidence vault is full", which=root, mend=mend)
    why = os.strerror(error.errno) if error.errno else type(error).__name__
    return SetupFault(
        "the evidence vault cannot be used", which=root, mend=f"let it be read and written: {why}"
    )


def open_vault(where: str, keyring: Keyring) -> Vault:
    """The vault in a folder, or at `s3://bucket/prefix`; raises SetupFault, and never repeats a password."""
    scheme, named, rest = where.partition("://")
    if not named or scheme == "file":
        from fsspec.implementations import local  # type: ignore[import-untyped]  # noqa: PLC0415 - slow

        return Vault(local.LocalFileSystem(), str(Path(rest if named else where).absolute()), keyring)
    if scheme != "s3":
        mend = "name a folder or s3://bucket/prefix"
        raise SetupFault("evidence cannot be kept there", which=f"{scheme[:20]}://", mend=mend)
    bucket = rest.partition("/")[0]
    if not bucket or not set(rest).isdisjoint("@?#:*["):
        mend = "write s3://bucket/prefix; credentials and endpoint stand in the variables of AWS"
        raise SetupFault("the address of the evidence vault is not one of a bucket", which="s3://", mend=mend)
    return _open_s3(rest, keyring)


def _open_s3(place: str, keyring: Keyring) -> Vault:
    try:
        from botocore import exceptions  # type: ignore[import-untyped]  # noqa: PLC0415 - an extra
        from s3fs import S3FileSystem  # type: ignore[import-untyped]  # noqa: PLC0415 - an extra
    except ImportError:
        mend = "install it: pip install 'seventytwo[s3]'"
        raise SetupFault("evidence in S3 needs the package s3fs", which="s3://", mend=mend) from None
    # listings are never remembered: another process moves contents too
    files = S3FileSystem(use_listings_cache=False, skip_instance_cache=True)
    return Vault(files, place, keyring, (exceptions.BotoCoreError, exceptions.ClientError))
