"""The file that `seventytwo assess` reads: facts of an incident and its cases, what a person judged. Pure.

See docs/examples/edpb. Every fault is found at once, each with its line; a file with one fault says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationError, field_validator

from playbooks.acts import Acts
from playbooks.contracts import ContractTermView
from playbooks.documents import Document, Path, as_validation_error, model_faults, read_document
from playbooks.errors import Fault, FileFaults, Mend
from playbooks.fact_parsing import parse_value
from playbooks.fact_types import FactSpec, Frozen
from playbooks.facts import DICTIONARY, UNKNOWN, Facts, FactValue, FactView, fact_spec, parse_fact
from playbooks.law import BusinessHours, Rule
from playbooks.places import Place, place, place_of_zone
from playbooks.severity.enisa import EnisaGiven
from playbooks.severity.hipaa import HipaaRecord
from playbooks.timebase import stamp
from playbooks.zones import zone

_MOST_CASES = 2_000
_AT = FactSpec(name="at", type="instant", label="The instant of the assessment", may_lie_ahead=True)
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}", re.ASCII)


def _case_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        mend = "use lower-case letters, digits and -"
        raise as_validation_error(Mend(f"`{name[:60]}` cannot name a case", mend=mend))
    return name


CaseName = Annotated[str, AfterValidator(_case_name)]


def _known_by(look_up: Callable[[str], object]) -> AfterValidator:
    def checked(name: str) -> str:
        try:
            _ = look_up(name) if name else None
        except Mend as fault:
            raise as_validation_error(fault) from fault
        return name

    return AfterValidator(checked)


PlaceCode = Annotated[str, _known_by(place)]
ZoneName = Annotated[str, _known_by(zone)]


class SeverityGiven(Frozen):
    """What a person judged: parts of ENISA's formula, the record of HIPAA's four factors."""

    enisa: EnisaGiven | None = None
    hipaa: HipaaRecord | None = None


class _Window(BusinessHours):
    place: PlaceCode = ""


class _Contract(Frozen):
    hours: Annotated[float, Field(gt=0, le=24 * 366, allow_inf_nan=False)]
    starts: str = "aware_at"
    citation: Annotated[str, Field(max_length=70)] = ""
    window: _Window | None = None

    @field_validator("starts")
    @classmethod
    def _is_an_instant(cls, name: str) -> str:
        known = [spec.name for spec in DICTIONARY.values() if spec.type == "instant"]
        if name not in known:
            raise as_validation_error(Mend("no clock can start at this", mend=f"use {', '.join(known)}"))
        return name


class _Placed(Frozen):
    place: PlaceCode = ""
    zone: ZoneName = ""
    facts: Mapping[str, Any] = Field(default_factory=dict)
    acts: Mapping[str, Any] = Field(default_factory=dict)
    severity: SeverityGiven | None = None

    def where(self, default: Place | None) -> Place | None:
        """The place that is named, on the clock of the zone that is named."""
        named = place(self.place) if self.place else default
        if not self.zone:
            return named
        return replace(named, zone_name=self.zone) if named else place_of_zone(self.zone)


class _Case(_Placed):
    contract: _Contract | None = None


class _File(_Placed):
    at: Any = None
    cases: Annotated[Mapping[CaseName, _Case], Field(max_length=_MOST_CASES)] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FactFile:
    """A fact file without faults; `at` None: now, and a place of None: the configured one.

    `acts` are the duties done, by subject and rule id, with the instant of each.
    """

    view: FactView
    cases: tuple[str, ...] = ()
    at: datetime | None = None
    place: Place | None = None
    places: Mapping[str, Place] = field(default_factory=dict)
    terms: Mapping[str, ContractTermView] = field(default_factory=dict)
    severity: Mapping[str | None, SeverityGiven] = field(default_factory=dict)
    acts: Mapping[tuple[str | None, str], datetime] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def read_fact_file(text: bytes | str, file: str, *, now: datetime, rules: Iterable[Rule] = ()) -> FactFile:
    """What the file says; FileFaults lists every fault with its line and mend.

    No fact or act may lie after the instant of assessment, which is the file's `at`, or `now`. An act is one
    of the `rules`, or of a case's contract.
    """
    return fact_file_of(read_document(text, file), now=now, rules=rules)


def fact_file_of(document: Document, *, now: datetime | None = None, rules: Iterable[Rule] = ()) -> FactFile:
    """What the document says; without `at` and `now` its instants may lie anywhere."""
    if not isinstance(document.data, dict):
        raise FileFaults((document.fault((), "no facts", "begin with `facts:`"),))
    faults: list[Fault] = list(_misplaced(document))
    at = _instant(document, faults)
    shape = _shape(document, faults)
    incident = _facts(document, ("facts",), at or now, faults)
    listed = document.data.get("cases")
    cases = {
        name: _facts(document, ("cases", name, "facts"), at or now, faults)
        for name in (listed if isinstance(listed, dict) else ())
    }
    known = Acts(rules)
    acts = {
        subject: _acts(document, path, at or now, known, faults)
        for subject, path in ((None, ()), *((name, ("cases", name)) for name in cases))
    }
    faults += _before_the_incident(document, incident, cases, acts)
    if shape is None or faults:
        raise FileFaults(tuple(sorted(faults, key=lambda fault: fault.line)))
    found = _assembled(shape, at, FactView(incident, cases))
    done = {(subject, name): when for subject, own in acts.items() for name, when in own.items()}
    return replace(found, acts=done, warnings=_warnings(at, now))


def _warnings(at: datetime | None, now: datetime | None) -> tuple[str, ...]:
    if at is None or now is None or at <= now:
        return ()
    return (f"at {stamp(at)} lies ahead: this is a plan, not a record",)


def _assembled(shape: _File, at: datetime | None, view: FactView) -> FactFile:
    where = shape.where(None)
    found = {name: case.where(where) for name, case in shape.cases.items()}
    terms = {
        name: ContractTermView(
            name, term.hours, starts=term.starts, citation=term.citation, window=term.window
        )
        for name, case in shape.cases.items()
        if (term := case.contract)
    }
    judged: dict[str | None, SeverityGiven] = {
        name: case.severity or shape.severity or SeverityGiven() for name, case in shape.cases.items()
    }
    return FactFile(
        view=view,
        cases=tuple(shape.cases),
        at=at,
        place=where,
        places={name: place for name, place in found.items() if place},
        terms=terms,
        severity={None: shape.severity or SeverityGiven(), **judged},
    )


def _misplaced(document: Document) -> Iterator[Fault]:
    """Facts that stand at the top of the file, where nothing reads them."""
    for name in document.data:
        if name in DICTIONARY:
            yield document.fault((name,), f"`{name}` is a fact", "put it under `facts:`")


def _shape(document: Document, faults: list[Fault]) -> _File | None:
    stated = {name: part for name, part in document.data.items() if name not in DICTIONARY}
    try:
        return _File.model_validate(stated)
    except ValidationError as error:
        faults += model_faults(error, document)
        return None


def _instant(document: Document, faults: list[Fault]) -> datetime | None:
    given = document.data.get("at")
    try:
        at = None if given is None else parse_value(_AT, given)
    except Mend as fault:
        faults.append(document.fault(("at",), fault.what, fault.mend))
        return None
    if at is UNKNOWN:
        faults.append(document.fault(("at",), "`at` is an instant", "leave it out for now"))
    return at if isinstance(at, datetime) else None


def _keys_at(document: Document, path: Path) -> Mapping[str, Any]:
    """What stands under a part of the file, nothing where there is none or it has another shape."""
    part: Any = document.data
    for key in path:
        part = part.get(key) if isinstance(part, dict) else None
    return part if isinstance(part, dict) else {}


def _facts(document: Document, path: Path, now: datetime | None, faults: list[Fault]) -> dict[str, FactValue]:
    found: dict[str, FactValue] = {}
    for name, given in _keys_at(document, path).items():
        try:
            found[name] = parse_fact(fact_spec(name).name, given, now=now)
        except Mend as fault:
            faults.append(document.fault((*path, name), fault.what, fault.mend))
    return found


def _acts(
    document: Document, path: Path, now: datetime | None, known: Acts, faults: list[Fault]
) -> dict[str, datetime]:
    """The acts done for one subject, each an act of a rule and with its instant."""
    found: dict[str, datetime] = {}
    bound = bool(path) and bool(_keys_at(document, path).get("contract"))
    for name, given in _keys_at(document, (*path, "acts")).items():
        try:
            found[name] = known.done(name, given, of_a_case=bool(path), contract=bound, now=now)
        except Mend as fault:
            faults.append(document.fault((*path, "acts", name), fault.what, fault.mend))
    return found


def _before_the_incident(
    document: Document,
    incident: Facts,
    cases: Mapping[str, Facts],
    acts: Mapping[str | None, Mapping[str, datetime]],
) -> Iterator[Fault]:
    """Instants that lie before the incident itself."""
    for subject, facts in ((None, incident), *cases.items()):
        path: Path = () if subject is None else ("cases", subject)
        begun = facts.get("occurred_at", incident.get("occurred_at"))
        stated = {("facts", name): value for name, value in facts.items()}
        stated |= {("acts", name): value for name, value in acts[subject].items()}
        for (group, name), value in stated.items():
            if isinstance(value, datetime) and isinstance(begun, datetime) and value < begun:
                what = f"`{name}` lies before `occurred_at`"
                yield document.fault((*path, group, name), what, "correct one of them")
