"""Whose word stands behind a playbook, and whether it may open an incident today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from flows.settings import Settings
from playbooks.errors import Fault, FileFaults, NotFound, Refused, SetupFault
from playbooks.library import Library
from playbooks.models import Playbook
from playbooks.signing import digest, public_key_fault, read_signature, signer_of
from playbooks.validity import Concern, concerns

FALLBACK = "unclassified-incident"
"""What an alert opens where the playbook of its source may not be used: no alert is ever lost."""
_LARGEST = 100_000


@dataclass(frozen=True, slots=True)
class Chosen:
    """The playbook that an incident opens with, and what speaks against relying on it."""

    playbook: Playbook
    concerns: tuple[str, ...] = ()
    is_quiet: bool = False
    """Whether a channel hears no name: that of the playbook asked for might tell what is suspected."""


class Trust:
    """A library with its signatures, checked once against the keys that count; raises FileFaults."""

    def __init__(self, settings: Settings, library: Library) -> None:
        self._policy, self.library = settings.playbook_policy, library
        self._signers = signers(library, settings.playbook_folders, settings.playbook_policy.signers)

    def signer(self, playbook: Playbook) -> str | None:
        """Who signed it, by the name of the key; None for nobody."""
        return self._signers.get(playbook.ref)

    def concerns(self, playbook: Playbook, today: date) -> tuple[Concern, ...]:
        """Every reason not to rely on it on that day."""
        return concerns(playbook, today, self._policy, self.signer(playbook))

    def for_person(self, name: str, today: date) -> Chosen:
        """The playbook somebody asks for; raises Refused where it may not be used."""
        playbook, passed_over = self._asked(name, today)
        found = self.concerns(playbook, today)
        if refused := [one.words for one in found if one.refuses]:
            raise Refused("this playbook may not be used", which=playbook.ref, mend="; ".join(refused))
        return Chosen(playbook, (*passed_over, *(one.words for one in found)))

    def for_alert(self, name: str, today: date) -> Chosen:
        """The playbook of an alert's source, else the general one: an alert always opens its incident.

        What stands in for a restricted playbook is as restricted; nobody knows whether one that is gone was.
        """
        try:
            playbook, passed_over = self._asked(name, today)
        except NotFound as gone:
            if FALLBACK not in self.library:
                raise
            general, words = self._general(today)
            return Chosen(general, (f"{gone.what}: {name}", *words), is_quiet=True)
        words = (*passed_over, *self._words(playbook, today))
        if playbook.id == FALLBACK or FALLBACK not in self.library or not self._refuses(playbook, today):
            return Chosen(playbook, words, is_quiet=playbook.restricted)
        general, more = self._general(today)
        if playbook.restricted:
            general = general.kept_small()
        return Chosen(general, (*words, *more), is_quiet=playbook.restricted)

    def _general(self, today: date) -> tuple[Playbook, tuple[str, ...]]:
        """The general playbook, whatever speaks against it: there is none behind it."""
        playbook, passed_over = self._asked(FALLBACK, today)
        return playbook, (*passed_over, *self._words(playbook, today))

    def _asked(self, name: str, today: date) -> tuple[Playbook, tuple[str, ...]]:
        """The version that may be used today, else the one in force; and why newer ones were passed over."""
        if "@" in name:
            return self.library.named(name), ()
        preferred = self.library.preferred(name, today)
        usable = (at for at, one in enumerate(preferred) if not self._refuses(one, today))
        at = next(usable, 0)
        return preferred[at], tuple(words for one in preferred[:at] for words in self._words(one, today))

    def _refuses(self, playbook: Playbook, today: date) -> bool:
        return any(one.refuses for one in self.concerns(playbook, today))

    def _words(self, playbook: Playbook, today: date) -> tuple[str, ...]:
        return tuple(f"{playbook.ref}: {one.words}" for one in self.concerns(playbook, today))


def signers(library: Library, folders: Iterable[Path], key_folders: Iterable[Path]) -> Mapping[str, str]:
    """Who signed which playbook, by `id@version`; FileFaults lists each that was changed since then."""
    keys = _keys(key_folders)
    found: dict[str, str] = {}
    faults: list[Fault] = []
    for folder in folders:
        for path in sorted((folder / "signatures").glob("*.sig")):
            try:
                signature = read_signature(_text(path), str(path))
            except SetupFault as fault:
                faults.append(Fault(str(path), 1, fault.what, fault.mend))
                continue
            if (playbook := library.versioned(signature.playbook)) is None:
                continue  # of a version that is gone
            if signature.sha256 != digest(playbook):
                what = f"{playbook.ref} was changed since it was signed"
                faults.append(Fault(str(path), 1, what, "read the change, then sign it anew"))
            elif signer := signer_of(playbook, signature, keys):
                found[playbook.ref] = signer
    if faults:
        raise FileFaults(tuple(faults))
    return found


@lru_cache(maxsize=8)
def _keys_of(folder: Path) -> tuple[tuple[str, bytes], ...]:
    return tuple((path.stem, _text(path).encode()) for path in sorted(folder.glob("*.pem")))


def _keys(folders: Iterable[Path]) -> dict[str, bytes]:
    keys = {name: pem for folder in folders for name, pem in _keys_of(folder)}
    for name, pem in keys.items():
        if fault := public_key_fault(pem, name):
            raise SetupFault(fault)
    return keys


def _text(path: Path) -> str:
    try:
        if not path.is_file():  # a pipe would be waited for
            raise SetupFault("not a plain file", which=str(path), mend="move it out of the folder")
        with path.open("rb") as file:
            return file.read(_LARGEST).decode("utf-8", "replace")
    except OSError as error:
        raise SetupFault("cannot be read", which=str(path), mend=str(error.strerror)) from error
