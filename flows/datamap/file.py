"""The data map's file: which system holds whose data, of which kinds, where, for how long. Pure.

YAML or CSV; see docs/examples/datamap.yaml. Every fault of a file is found at once, each with its line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationError

from flows.clients.contract import Line, Paragraph, visible
from flows.clients.file import Ref
from flows.datamap.table import read_table
from playbooks.documents import Document, as_validation_error, model_faults, read_document
from playbooks.errors import Fault, FileFaults, Mend
from playbooks.fact_types import Frozen
from playbooks.facts import DICTIONARY

UNKNOWN_WORD = "unknown"
"""Among categories or jurisdictions: there may be more."""
_MOST_SYSTEMS = 2_000


def _known_value(fact: str, given: str, what: str) -> str:
    known = DICTIONARY[fact].values
    if given != UNKNOWN_WORD and given not in known:
        raise as_validation_error(Mend(what, mend=f"use {', '.join(known)}, or {UNKNOWN_WORD}"))
    return given


def _known_category(word: str) -> str:
    return _known_value("data_categories", word, "no category of data that we know")


def _known_jurisdiction(code: str) -> str:
    return _known_value("jurisdictions", code, "no jurisdiction that we know")


def _visible_if_any(text: str) -> str:
    return visible(text) if text else text


def _once_each(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(words)))


Words = Annotated[str, Field(max_length=80), AfterValidator(_visible_if_any)]


class SystemEntry(Frozen):
    """One system that holds personal data; `owner` is a role or team, `log_source` the log that covers it."""

    ref: Ref
    name: Line
    owner: Words = ""
    clients: Annotated[tuple[Ref, ...], Field(max_length=2_000), AfterValidator(_once_each)] = ()
    data_categories: Annotated[
        tuple[Annotated[str, AfterValidator(_known_category)], ...], AfterValidator(_once_each)
    ] = ()
    jurisdictions: Annotated[
        tuple[Annotated[str, AfterValidator(_known_jurisdiction)], ...], AfterValidator(_once_each)
    ] = ()
    retention: Words = ""
    log_source: Annotated[str, Field(pattern=r"^([a-z0-9]+(-[a-z0-9]+)*)?$", max_length=60)] = ""
    notes: Paragraph = ""


COLUMNS = tuple(SystemEntry.model_fields)
LISTS = frozenset({"clients", "data_categories", "jurisdictions"})
"""The fields that hold several values; in a CSV cell they stand between semicolons."""


class _SystemFile(Frozen):
    systems: Annotated[tuple[SystemEntry, ...], Field(max_length=_MOST_SYSTEMS)]


@dataclass(frozen=True, slots=True)
class SystemFile:
    """A data map without faults, in the order of its file."""

    document: Document
    systems: tuple[SystemEntry, ...]


def read_system_file(text: bytes | str, file: str) -> SystemFile:
    """Read a data map, as CSV where the name ends in .csv; FileFaults lists every fault, line and mend."""
    document = _document(text, file)
    if not _listed(document):
        raise FileFaults((document.fault(("systems",), "no list of `systems`", "begin with `systems:`"),))
    faults = list(_twice(document))
    try:
        read = _SystemFile.model_validate(document.data)
    except ValidationError as error:
        faults += model_faults(error, document)
        raise FileFaults(_in_order(faults)) from error
    if faults:
        raise FileFaults(_in_order(faults))
    return SystemFile(document, read.systems)


def _document(text: bytes | str, file: str) -> Document:
    if file.lower().endswith(".csv"):
        return read_table(text, file, under="systems", columns=COLUMNS, lists=LISTS)
    return read_document(text, file)


def _listed(document: Document) -> list[Any]:
    listed = document.data.get("systems") if isinstance(document.data, dict) else None
    return listed if isinstance(listed, list) else []


def _twice(document: Document) -> Iterator[Fault]:
    """Where a `ref` stands that another system has, seen even where one of them has faults of its own."""
    seen: dict[str, int] = {}
    for index, entry in enumerate(_listed(document)):
        if isinstance(entry, dict) and "ref" in entry:
            ref, here = str(entry["ref"]), ("systems", index, "ref")
            if seen.setdefault(ref, index) != index:
                line = document.line_of(("systems", seen[ref], "ref"))
                yield document.fault(here, "this `ref` stands here twice", f"it is on line {line} as well")


def _in_order(faults: list[Fault]) -> tuple[Fault, ...]:
    return tuple(sorted(faults, key=lambda fault: fault.line))
