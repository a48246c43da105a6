"""The files of the watch in a folder of SEVENTYTWO_ACCESS_WATCH: rules, rosters, people, networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from flows.access_watch.book_checks import exempt_in_vain, leading_nowhere, named_twice
from flows.access_watch.book_file import WatchFile, WatchSettings
from flows.forensics.row_reading import matched
from playbooks.access_watch.geography import Places
from playbooks.access_watch.people import Person, Roster
from playbooks.access_watch.rules import AnyRule
from playbooks.documents import Document, validated
from playbooks.errors import Fault, FileFaults
from playbooks.folders import documents_in


@dataclass(frozen=True)
class Book:
    """All files together; people by their accounts, spelled as `matched` does."""

    settings: WatchSettings = field(default_factory=WatchSettings)
    rules: tuple[AnyRule, ...] = ()
    rosters: Mapping[str, Roster] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    places: Places = field(default_factory=lambda: Places(()))

    def of_log(self, log: str) -> tuple[AnyRule, ...]:
        """The rules that look at a log."""
        return tuple(rule for rule in self.rules if not rule.logs or log in rule.logs)

    def person(self, account: str) -> Person | None:
        """Whose account it is, in any letter case; None where nobody has said."""
        return self.people.get(matched(account))

    def roster_of(self, person: Person | None) -> Roster | None:
        """The roster of somebody: their own, else everybody's."""
        own = person.roster if person is not None else None
        return self.rosters.get(own or self.settings.usual_roster or "")

    def zone_of(self, person: Person | None) -> str:
        """By whose clocks somebody's days begin."""
        roster = self.roster_of(person)
        if person is not None and person.zone is not None:
            return person.zone
        return roster.zone if roster is not None else self.settings.zone


def read_book(folders: Sequence[Path], logs: Sequence[str] = ()) -> tuple[Book, tuple[Fault, ...]]:
    """The files of the folders as one, as far as they are sound, and every fault of them.

    With `logs`, a rule for a log that is not among them is a fault too.
    """
    files: list[tuple[Document, WatchFile]] = []
    faults: list[Fault] = []
    for folder in folders:
        documents, unreadable = documents_in(folder)
        faults += unreadable
        for document in documents:
            try:
                files.append((document, validated(WatchFile, document)))
            except FileFaults as error:
                faults += error.faults
    faults += [*named_twice(files), *leading_nowhere(files, logs), *exempt_in_vain(files)]
    return _joined([file for _, file in files]), tuple(faults)


def load_book(folders: Sequence[Path]) -> Book:
    """The files of the folders as one; raises FileFaults with every fault."""
    book, faults = read_book(folders)
    if faults:
        raise FileFaults(faults)
    return book


def _joined(files: Sequence[WatchFile]) -> Book:
    people = {matched(one): person for file in files for person in file.people for one in person.accounts}
    return Book(
        next((file.settings for file in files if file.settings is not None), WatchSettings()),
        tuple(rule for file in files for rule in file.rules),
        {roster.id: roster for file in files for roster in file.rosters},
        people,
        Places(network for file in files for network in file.networks),
    )
