"""The rules of law of this house: those shipped in `playbooks/law/`, then the organisation's own folders.

A folder adds rules and versions, and replaces a rule of an earlier folder by giving the same id and version.
Everything is checked before anything is given out: a rulebook with one fault is no rulebook.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Final, Literal, TypeAlias

from pydantic import ValidationError

from playbooks.calendars import Calendars, shipped_calendars
from playbooks.documents import Document, model_faults
from playbooks.errors import Fault, FileFaults, NotFound
from playbooks.folders import documents_in
from playbooks.law import Rule
from playbooks.rulebook_checks import Entry, part_faults, rule_faults
from playbooks.rulebook_readings import reading_faults
from playbooks.rulebook_references import book_faults

SHIPPED_LAW: Final = Path(__file__).parent / "law"
Origin: TypeAlias = Literal["shipped", "own", "replaces shipped"]
"""Whether a text of a rule is of this house, or of an organisation's folder."""


@dataclass(frozen=True, slots=True)
class Book:
    """Every version of every rule, and where each is from, by `id@version`."""

    rules: Mapping[str, Rule]
    origins: Mapping[str, Origin]


def load_book(folders: Sequence[Path] = (), calendars: Calendars | None = None) -> Book:
    """The whole rulebook; FileFaults lists all that is wrong in all files.

    `calendars` are those that rules may name, the shipped ones unless others are given.
    """
    read = _Read(calendars or shipped_calendars())
    read.folder(SHIPPED_LAW)
    shipped = frozenset(read.book)
    for folder in folders:
        read.folder(folder, are_shipped=False)
    read.faults += book_faults(tuple(read.book.values()), read.unsound, read.named)
    rules = read.rules()
    return Book(rules, {key: _origin(key, read.own, shipped) for key in rules})


def load_rules(folders: Sequence[Path] = (), calendars: Calendars | None = None) -> dict[str, Rule]:
    """The rules of `load_book`, where nobody asks whence they are."""
    return dict(load_book(folders, calendars).rules)


def load_versions(name: str) -> tuple[Rule, ...]:
    """The shipped versions of one rule, by `ID` or `ID@version`, from the files alone that mention it.

    For the calculator, which must answer at once. Only for a name that no rule has is the whole rulebook
    read, to say what is near.
    """
    mentioned = name.partition("@")[0]
    read = _Read(shipped_calendars())
    read.folder(SHIPPED_LAW, mentioned)
    versions = [rule for rule in read.rules().values() if rule.id == mentioned]
    return versions_of(versions or load_rules().values(), name)


def load_folder(folder: Path, calendars: Calendars | None = None) -> dict[str, Rule]:
    """The rules of one folder alone, by `id@version`; what they say of rules elsewhere is not checked."""
    read = _Read(calendars or shipped_calendars())
    read.folder(folder, are_shipped=False)
    return read.rules()


@dataclass(slots=True)
class _Read:
    """What has been read so far: the last text of each rule, every id given, and every fault."""

    calendars: Calendars
    book: dict[str, Entry] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)
    unsound: list[Document] = field(default_factory=list)
    named: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)

    def folder(self, folder: Path, mentioning: str = "", *, are_shipped: bool = True) -> None:
        """Read one folder more; it replaces what earlier ones say of the same version.

        The readings of shipped rules are held in order by a test, not anew by every process.
        """
        documents, unread = documents_in(folder, mentioning)
        self.faults += unread
        entries = [entry for document in documents for entry in self._sound(document)]
        self.faults += _repeated(entries)
        self.book |= {entry.rule.key: entry for entry in entries}
        if not are_shipped:
            self.own |= {entry.rule.key for entry in entries}
            self.faults += (fault for entry in entries for fault in reading_faults(entry, self.calendars))

    def rules(self) -> dict[str, Rule]:
        """The rules by `id@version`, where nothing is wrong."""
        if self.faults:
            raise FileFaults(tuple(self.faults))
        return {key: entry.rule for key, entry in self.book.items()}

    def _sound(self, document: Document) -> list[Entry]:
        entries, unsound, wrong = read_rules(document, self.calendars)
        self.unsound += unsound
        self.named |= {str(part.data.get("id")) for part in (*unsound, *(entry.part for entry in entries))}
        self.faults += wrong
        return entries


def read_rules(document: Document, calendars: Calendars) -> tuple[list[Entry], list[Document], list[Fault]]:
    """The sound rules of one file with their lines, the parts of the others, and every fault by itself."""
    found: list[Entry] = []
    unsound: list[Document] = []
    faults: list[Fault] = []
    top = document.data if isinstance(document.data, dict) else {}
    if set(top) != {"rules"} or not isinstance(top["rules"], list):
        fault = document.fault(
            (), "a law file holds one list named `rules`", "see playbooks/law/eu-gdpr.yaml"
        )
        return [], [], [fault]
    for at, data in enumerate(top["rules"]):
        if not isinstance(data, dict):
            what = f"item {at + 1} of `rules` is no rule"
            faults.append(document.fault(("rules", at), what, "write its keys: id, version, title …"))
            continue
        part = document.part(("rules", at))
        entry, wrong = _checked(part, calendars)
        faults += wrong
        if entry is None or wrong:
            unsound.append(part)
        else:
            found.append(entry)
    return found, unsound, faults


def _checked(part: Document, calendars: Calendars) -> tuple[Entry | None, list[Fault]]:
    """One rule, None where its shape does not fit, and all that is wrong with it by itself."""
    try:
        entry = Entry(Rule.model_validate(part.data), part)
    except ValidationError as error:
        unread = {str(detail["loc"][0]) for detail in error.errors() if detail["loc"]}
        return None, [*model_faults(error, part), *part_faults(part, calendars, unread)]
    return entry, list(rule_faults(entry, calendars))


def _origin(key: str, own: Collection[str], shipped: Collection[str]) -> Origin:
    if key not in own:
        return "shipped"
    return "replaces shipped" if key in shipped else "own"


def versions_of(rules: Iterable[Rule], name: str) -> tuple[Rule, ...]:
    """Every version of the rule of that id, or the one of `id@version`, oldest first, proposals last.

    NotFound names the nearest ids.
    """
    known = tuple(rules)
    found = [rule for rule in known if name in (rule.id, rule.key)]
    if not found:
        raise NotFound(f"no rule `{name[:80]}`", mend=_nearest(name, known))
    return tuple(sorted(found, key=lambda rule: (rule.in_force_from or date.max, rule.version)))


def _nearest(name: str, rules: tuple[Rule, ...]) -> str:
    ids = sorted({rule.id for rule in rules})
    asked = name.partition("@")[0]
    if asked in ids:
        return f"its versions: {', '.join(rule.version for rule in rules if rule.id == asked)}"
    folded = {one.casefold(): one for one in ids}
    near = get_close_matches(asked.casefold(), folded, n=4, cutoff=0.5)
    return f"did you mean {', '.join(folded[one] for one in near)}?" if near else "see `seventytwo law list`"


def _repeated(entries: list[Entry]) -> Iterator[Fault]:
    first: dict[str, Entry] = {}
    for entry in entries:
        before = first.setdefault(entry.rule.key, entry)
        if before is not entry:
            where = f"{Path(before.part.file).name}:{before.part.line_of(('id',))}"
            what = f"rule {entry.rule.key} stands here a second time; the first is {where}"
            yield entry.part.fault(("id",), what, "give it a new version, or remove it")
