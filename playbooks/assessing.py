"""From a fact file to its assessment: advice, each rule with its why or why not, our clocks, the clients'."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from playbooks.asking import needed_facts
from playbooks.calendars import Calendars
from playbooks.clocks import Standing, standing
from playbooks.conditions import compile_condition
from playbooks.duties import ObligationView, State
from playbooks.fact_file import FactFile, SeverityGiven
from playbooks.facts import UNKNOWN, Facts, FactView
from playbooks.law import Rule
from playbooks.obligations import consider
from playbooks.places import UTC_PLACE, Place, place
from playbooks.severity.advising import Advice, advise
from playbooks.severity.hipaa import HipaaOutcome, HipaaRecord, concerned, weigh
from playbooks.shadow import Shadow, shadow_clocks
from playbooks.truth import Truth
from playbooks.verdicts import Considered, Subject

APPLIES: Mapping[Truth, str] = {True: "owed", UNKNOWN: "presumed", False: "not owed"}
"""How a rule stands towards a subject; what cannot be decided is presumed."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What the methods say of the incident (case None) or of one case."""

    case: Subject
    advice: Advice
    hipaa: HipaaOutcome | None


@dataclass(frozen=True, slots=True)
class Assessment:
    """The answer to a fact file at one instant."""

    at: datetime
    view: FactView
    places: Mapping[Subject, Place]
    judged: tuple[Judged, ...]
    considered: tuple[Considered, ...]
    shadows: tuple[Shadow, ...]
    needed: tuple[str, ...]
    acts: Mapping[tuple[Subject, str], datetime]
    warnings: tuple[str, ...]

    @property
    def gravest(self) -> Judged:
        """Of the incident or its cases the one that scores highest, as far as is known."""
        return max(self.judged, key=lambda one: (one.advice.score, one.advice.score_at_most))

    def place_of(self, rule: Rule, case: Subject) -> Place:
        """Whose clock counts for a rule: its own, or that of the case."""
        return place(rule.place) if rule.place else self.places[case]

    def unknown_to(self, one: Considered) -> tuple[str, ...]:
        """The facts without which a rule cannot be decided; none for a rule that is."""
        if one.verdict.holds is not UNKNOWN:
            return ()
        return compile_condition(one.rule.when).unknown_facts(self.view, one.case)

    def met_at(self, one: Considered | Shadow) -> datetime | None:
        """When a duty of ours was met, as far as the file says so: its act was done, or the client told."""
        if not isinstance(one, Considered):
            return None
        if done := self.acts.get((one.case, one.rule.id)) or self.acts.get((None, one.rule.id)):
            return done
        told = "client_told_at" if one.rule.recipient == "client_controller" else None
        value = self.view.known(one.rule.met_by or told or "", one.case)
        return value if isinstance(value, datetime) else None

    def standing(self, one: Considered | Shadow) -> Standing:
        """How a clock stands at the instant of the assessment."""
        return standing(one.due.due_at, self.met_at(one), self.at, anchor_at=one.due.anchor_at)

    @property
    def applying(self) -> tuple[Considered, ...]:
        """The rules that oblige, or are presumed to, the most urgent first."""
        found = (one for one in self.considered if one.verdict.holds is not False)
        return tuple(sorted(found, key=_urgency))


def assess(
    file: FactFile,
    rules: Iterable[Rule],
    now: datetime,
    where: Place = UTC_PLACE,
    calendars: Calendars | None = None,
) -> Assessment:
    """What the law and the methods say of these facts at `now`, in `where` unless the file says so."""
    rules, footprint, cases = tuple(rules), _footprint(file), file.cases
    places: dict[Subject, Place] = {None: file.place or where}
    places |= {case: file.places.get(case, places[None]) for case in file.cases}
    told = {
        case: at for case in file.cases if isinstance(at := file.view.known("client_told_at", case), datetime)
    }
    return Assessment(
        at=now,
        view=file.view,
        places=places,
        judged=tuple(
            _judged(case, file.view.for_case(case), file.severity[case]) for case in file.cases or (None,)
        ),
        considered=consider(
            rules,
            file.terms,
            file.view,
            cases,
            now,
            existing=[_met(subject, rule, at) for (subject, rule), at in file.acts.items()],
            places=places,
            footprint=footprint,
            calendars=calendars,
        ),
        shadows=shadow_clocks(
            rules, file.view, cases, told, now, places=places, footprint=footprint, calendars=calendars
        ),
        needed=needed_facts(rules, file.view, cases, now, footprint=footprint),
        acts=file.acts,
        warnings=file.warnings,
    )


def _met(subject: Subject, rule: str, at: datetime) -> ObligationView:
    """A duty that was done, as the row that what hangs on it starts from."""
    return ObligationView(
        case=subject,
        rule_id=rule,
        rule_version="",
        title="",
        citation="",
        recipient="",
        state=State.MET,
        policy=False,
        anchor_at=None,
        due_at=None,
        legal_due_at=None,
        met_at=at,
    )


def _footprint(file: FactFile) -> frozenset[str] | None:
    """The places of all cases together; None while one of them has not said where its people are."""
    places = frozenset[str]()
    for case in file.cases:
        stated = file.view.known("jurisdictions", case)
        if not isinstance(stated, frozenset) or "unknown" in stated:
            return None
        places |= stated
    return places or None


def _judged(case: Subject, facts: Facts, given: SeverityGiven) -> Judged:
    return Judged(case, advise(facts, given.enisa), _hipaa(facts, given.hipaa))


def _hipaa(facts: Facts, given: HipaaRecord | None) -> HipaaOutcome | None:
    """The four factors, where a record was given or a party stands under HIPAA."""
    return weigh(given or HipaaRecord(), facts) if given or concerned(facts) else None


def _urgency(one: Considered) -> tuple[bool, str, str, str]:
    return one.due.due_at is None, _instant(one.due.due_at) or "", one.case or "", one.rule.id


def as_json(found: Assessment) -> dict[str, Any]:
    """The assessment as JSON holds it: instants end in Z, and the score is that of the gravest case."""
    gravest = found.gravest
    return {
        "at": _instant(found.at),
        "place": found.places[None].name,
        "warnings": list(found.warnings),
        "score": gravest.advice.score,
        "band": gravest.advice.band,
        "case": gravest.case,
        "advice": [
            {
                "case": one.case,
                **asdict(one.advice),
                "why": list(one.advice.why),
                "hipaa": asdict(one.hipaa) if one.hipaa else None,
            }
            for one in found.judged
        ],
        "obligations": [
            {**_obligation(one), "unknown": list(found.unknown_to(one))} for one in found.considered
        ],
        "clocks": [
            {"case": one.case, "rule": one.rule.id, **_clock(one, found)}
            for one in found.applying
            if one.rule.has_clock
        ],
        "shadow_clocks": [_shadow(one, found) for one in found.shadows],
        "needed_facts": list(found.needed),
    }


def _obligation(one: Considered) -> dict[str, Any]:
    rule = one.rule
    return {
        "case": one.case,
        "rule": rule.id,
        "version": rule.version,
        "title": rule.title,
        "kind": rule.kind,
        "stub": rule.stub,
        "citation": str(rule.citation),
        "evidence": rule.evidence,
        "obliged_role": rule.obliged_role,
        "recipient": rule.recipient,
        "stage": rule.stage,
        "state": APPLIES[one.verdict.holds],
        "why": list(one.verdict.why),
    }


def _clock(one: Considered | Shadow, found: Assessment) -> dict[str, Any]:
    due = one.due
    return {
        "standing": found.standing(one),
        "met_at": _instant(found.met_at(one)),
        "anchor_at": _instant(due.anchor_at),
        "due_at": _instant(due.due_at),
        "legal_due_at": _instant(due.legal_due_at),
        "contested": [
            {"reading": one.reading, "due_at": _instant(one.due_at), "note": one.note}
            for one in due.contested
        ],
        "policy": due.policy,
        "not_computable_because": due.not_computable_because or None,
        "counting": due.counting,
        "place": due.place,
        "explanation": due.explanation,
        "tzdata": due.tzdata_version,
        "holidays": due.holidays_version,
    }


def _shadow(one: Shadow, found: Assessment) -> dict[str, Any]:
    return {
        "case": one.case,
        "rule": one.rule.id,
        "title": one.rule.title,
        "citation": str(one.rule.citation),
        "recipient": one.rule.recipient,
        "state": APPLIES[one.holds],
        "why": list(one.why),
        "starts": one.starts,
        "used_seconds": one.used.total_seconds() if one.used is not None else None,
        **_clock(one, found),
    }


def _instant(at: datetime | None) -> str | None:
    return at.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z" if at else None
