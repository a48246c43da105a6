"""The rules of law of this house: those shipped in `playbooks/law/`, then the organisation's own folders.

A folder adds rules and versions, and replaces a rule of an earlier folder by giving the same id and version.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from playbooks.conditions import condition_faults
from playbooks.documents import Document, model_faults
from playbooks.errors import Fault, FileFaults
from playbooks.facts import DICTIONARY
from playbooks.folders import documents_in
from playbooks.law import SUBMITTED, Rule

SHIPPED_LAW: Final = Path(__file__).parent / "law"


def load_rules(folders: Iterable[Path] = ()) -> dict[str, Rule]:
    """Every version of every rule, by `id@version`; FileFaults lists all that is wrong in all files."""
    rules: dict[str, Rule] = {}
    faults: list[Fault] = []
    for folder in (SHIPPED_LAW, *folders):
        found, wrong = _read_folder(folder)
        rules |= {rule.key: rule for rule in found}
        faults += wrong
    if faults:
        raise FileFaults(tuple(faults))
    return rules


def _read_folder(folder: Path) -> tuple[list[Rule], list[Fault]]:
    documents, faults = documents_in(folder)
    places: list[tuple[Rule, Fault]] = []
    for document in documents:
        found, wrong = read_rules(document)
        places += found
        faults += wrong
    return [rule for rule, _ in places], faults + list(_repeated(places))


def read_rules(document: Document) -> tuple[list[tuple[Rule, Fault]], list[Fault]]:
    """The sound rules of one file, each with the fault that a second one of its key is, and all faults."""
    found: list[tuple[Rule, Fault]] = []
    faults: list[Fault] = []
    top = document.data if isinstance(document.data, dict) else {}
    if set(top) != {"rules"} or not isinstance(top["rules"], list):
        return [], [
            document.fault((), "a law file holds one list named `rules`", "see playbooks/law/eu-gdpr.yaml")
        ]
    for part in (_part(document, at) for at in range(len(top["rules"]))):
        try:
            rule = Rule.model_validate(part.data)
        except ValidationError as error:
            faults += model_faults(error, part)
            continue
        wrong = list(_unknown_words(rule, part))
        faults += wrong
        if not wrong:
            found.append(
                (rule, part.fault(("id",), f"rule {rule.key} stands here twice", "give it a new version"))
            )
    return found, faults


def _part(document: Document, at: int) -> Document:
    """One rule of the file as a document of its own that still knows its lines."""
    prefix = ("rules", at)
    lines = {path[2:]: line for path, line in document.lines.items() if path[:2] == prefix}
    return Document(document.file, document.data["rules"][at], lines)


def _unknown_words(rule: Rule, part: Document) -> Iterator[Fault]:
    for fault in condition_faults(rule.when):
        yield part.fault(("when",), fault.what, fault.mend)
    for name in (name for limb in rule.limbs for name in limb if not SUBMITTED.fullmatch(name)):
        spec = DICTIONARY.get(name)
        if spec is None or spec.type != "instant":
            instants = ", ".join(name for name, known in DICTIONARY.items() if known.type == "instant")
            what = f"`{name}` is not an instant that facts hold"
            yield part.fault(("starts",), what, f"submitted(RULE) or one of: {instants}")


def _repeated(places: list[tuple[Rule, Fault]]) -> Iterator[Fault]:
    seen: Counter[str] = Counter()
    for rule, fault in places:
        seen[rule.key] += 1
        if seen[rule.key] > 1:
            yield fault
