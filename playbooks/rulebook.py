"""The rules of law of this house: those shipped in `playbooks/law/`, then the organisation's own folders.

A folder adds rules and versions, and replaces a rule of an earlier folder by giving the same id and version.
Everything is checked before anything is given out: a rulebook with one fault is no rulebook.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from playbooks.documents import Document, model_faults
from playbooks.errors import Fault, FileFaults, NotFound
from playbooks.folders import documents_in
from playbooks.law import Rule
from playbooks.rulebook_checks import Entry, book_faults, rule_faults

SHIPPED_LAW: Final = Path(__file__).parent / "law"


def load_rules(folders: Iterable[Path] = ()) -> dict[str, Rule]:
    """Every version of every rule, by `id@version`; FileFaults lists all that is wrong in all files."""
    book, named, faults = _read((SHIPPED_LAW, *folders))
    faults += book_faults(tuple(book.values()), named)
    if faults:
        raise FileFaults(tuple(faults))
    return {key: entry.rule for key, entry in book.items()}


def load_versions(name: str, folders: Sequence[Path] = ()) -> tuple[Rule, ...]:
    """The versions of one rule, by `ID` or `ID@version`, from the files alone that mention it.

    For the calculator, which must answer at once, whatever is wrong elsewhere. Only for a name that no rule
    has is the whole rulebook read, to say what is near.
    """
    mentioned = name.partition("@")[0]
    book, _, faults = _read((SHIPPED_LAW, *folders), mentioned)
    if faults:
        raise FileFaults(tuple(faults))
    versions = [entry.rule for entry in book.values() if entry.rule.id == mentioned]
    return versions_of(versions or load_rules(folders).values(), name)


def load_folder(folder: Path) -> dict[str, Rule]:
    """The rules of one folder alone, by `id@version`; what they say of rules elsewhere is not checked."""
    book, _, faults = _read((folder,))
    if faults:
        raise FileFaults(tuple(faults))
    return {key: entry.rule for key, entry in book.items()}


def _read(folders: Iterable[Path], mentioning: str = "") -> tuple[dict[str, Entry], set[str], list[Fault]]:
    """The sound rules of the folders, every id that they give, and every fault but those between rules."""
    book: dict[str, Entry] = {}
    named: set[str] = set()
    faults: list[Fault] = []
    for folder in folders:
        documents, unread = documents_in(folder, mentioning)
        entries, wrong = _entries(documents)
        faults += unread + wrong
        named |= {name for document in documents for name in _named_in(document)}
        book |= {entry.rule.key: entry for entry in entries}
    return book, named, faults


def _entries(documents: Iterable[Document]) -> tuple[list[Entry], list[Fault]]:
    """The sound rules of one folder's files, and every fault that they have without the other folders."""
    entries: list[Entry] = []
    faults: list[Fault] = []
    for document in documents:
        found, wrong = read_rules(document)
        entries += found
        faults += wrong
    return entries, faults + list(_repeated(entries))


def read_rules(document: Document) -> tuple[list[Entry], list[Fault]]:
    """The sound rules of one file, each with its lines, and every fault that a rule has by itself."""
    found: list[Entry] = []
    faults: list[Fault] = []
    top = document.data if isinstance(document.data, dict) else {}
    if set(top) != {"rules"} or not isinstance(top["rules"], list):
        return [], [
            document.fault((), "a law file holds one list named `rules`", "see playbooks/law/eu-gdpr.yaml")
        ]
    for part in (_part(document, at) for at in range(len(top["rules"]))):
        try:
            entry = Entry(Rule.model_validate(part.data), part)
        except ValidationError as error:
            faults += model_faults(error, part)
            continue
        wrong = list(rule_faults(entry))
        faults += wrong
        if not wrong:
            found.append(entry)
    return found, faults


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


def _part(document: Document, at: int) -> Document:
    """One rule of the file as a document of its own that still knows its lines."""
    prefix = ("rules", at)
    lines = {path[2:]: line for path, line in document.lines.items() if path[:2] == prefix}
    return Document(document.file, document.data["rules"][at], lines)


def _named_in(document: Document) -> set[str]:
    """The ids that a file gives, also those of rules with faults, so that what refers to them has none."""
    rules = document.data.get("rules") if isinstance(document.data, dict) else None
    parts = [part for part in rules if isinstance(part, dict)] if isinstance(rules, list) else []
    return {str(part.get("id")) for part in parts}


def _repeated(entries: list[Entry]) -> Iterator[Fault]:
    first: dict[str, Entry] = {}
    for entry in entries:
        before = first.setdefault(entry.rule.key, entry)
        if before is not entry:
            where = f"{Path(before.part.file).name}:{before.part.line_of(('id',))}"
            what = f"rule {entry.rule.key} stands here a second time; the first is {where}"
            yield entry.part.fault(("id",), what, "give it a new version, or remove it")
