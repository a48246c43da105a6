"""What is to be looked for in the access logs: the answer of a step, or of a command, made into a search."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from sqlmodel import Session, col, select

from flows.forensics.keeping import MOST, observables_of
from flows.forensics.row_reading import Wanted, matched
from flows.gathering import view_of
from playbooks.errors import InstantFault
from playbooks.instants import read_instant
from store.tables import Answer, Incident, Observable, Question, StepRow

USUAL = timedelta(days=30)
"""How far back is looked where nobody has said since when."""
LONGEST = timedelta(days=5 * 366)
_NUMBER = re.compile(r"\bO?(\d{1,6})\b(?:\s*(?:-|\u2013|\bto\b)\s*O?(\d{1,6})\b)?", re.IGNORECASE)
_BETWEEN = re.compile(r"(?:[\s,;&+.]|\band\b)*", re.IGNORECASE)
_SEARCHED = {"account": "accounts", "email": "accounts", "address": "addresses", "host": "hosts"}


@dataclass(frozen=True, slots=True)
class Search:
    """A window and the observables whose accesses are wanted; None for every account's."""

    since: datetime
    until: datetime
    observables: tuple[tuple[str, str], ...] | None
    findings: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look for."""
        return self.since >= self.until or self.observables == ()

    @property
    def wanted(self) -> Wanted:
        """The same as the reader takes it."""
        if self.observables is None:
            return Wanted(self.since, self.until)
        of: dict[str, set[str]] = {"accounts": set(), "addresses": set(), "hosts": set()}
        for kind, value in self.observables:
            of[_SEARCHED[kind]].add(matched(value))
        return Wanted(self.since, self.until, *(frozenset(of[name]) for name in of))


def answer_of(session: Session, incident_id: int, step_id: str) -> Mapping[str, Any]:
    """The fields of the latest accepted answer to a step; nothing where there is none."""
    answer = session.exec(
        select(Answer)
        .join(Question, col(Question.id) == col(Answer.question_id))
        .join(StepRow, col(StepRow.id) == col(Question.step_row_id))
        .where(Question.incident_id == incident_id, Question.kind == "step", Answer.verdict == "accepted")
        .where(StepRow.step_id == step_id)
        .order_by(col(Answer.id).desc())
    ).first()
    return answer.fields if answer is not None else {}


def search_of(session: Session, incident: Incident, given: Mapping[str, Any], now: datetime) -> Search:
    """The search that `accounts`, `access_from` and `access_until` describe; what they lack is a finding."""
    assert incident.id is not None
    findings: list[str] = []
    detected = view_of(session, incident.id).known("detected_at")
    usual = (detected if isinstance(detected, datetime) else incident.opened_at) - USUAL
    since = _instant(
        given.get("access_from"), usual, "no beginning was given: taken as 30 days before", findings
    )
    until = _instant(
        given.get("access_until"), now, "no end was given: taken as the moment of reading", findings
    )
    if since >= until:
        findings.append("the period ends before it begins: nothing was read")
    elif until - since > LONGEST:
        since = until - LONGEST
        findings.append("the period is longer than five years: its last five years were read")
    found = _observables(observables_of(session, incident.id), str(given.get("accounts") or ""), findings)
    return Search(since, until, found, tuple(findings))


def _instant(given: Any, otherwise: datetime, finding: str, findings: list[str]) -> datetime:
    try:
        return read_instant(str(given or ""))[0]
    except InstantFault:
        findings.append(finding)
        return otherwise


def _run(first: str, last: str | None) -> range:
    """The numbers from the first to the last, as in O1-O5; one alone where no last is named."""
    begin, end = int(first), int(last or first)
    return (
        range(begin, min(end, begin + MOST) + 1) if begin <= end else range(end, min(begin, end + MOST) + 1)
    )


def _observables(
    rows: Iterable[Observable], given: str, findings: list[str]
) -> tuple[tuple[str, str], ...] | None:
    if given.strip().casefold() == "all":
        return None
    by_number = {row.number: row for row in rows}
    numbers = list(
        dict.fromkeys(chain.from_iterable(_run(*found.groups()) for found in _NUMBER.finditer(given)))
    )
    if not numbers:
        findings.append("no account was named by its number: nothing was read")
    elif not _BETWEEN.fullmatch(_NUMBER.sub(" ", given)):
        findings.append("words beside the numbers of the accounts were passed over")
    if absent := [number for number in numbers if number not in by_number]:
        more = f" nor {len(absent) - 1:,} others that are named" if len(absent) > 1 else ""
        findings.append(f"there is no observable O{absent[0]}{more}")
    chosen = [by_number[number] for number in numbers if number in by_number]
    findings += [
        f"O{row.number} is a {row.kind}: logs tell accounts, addresses and hosts"
        for row in chosen
        if row.kind not in _SEARCHED
    ]
    return tuple((row.kind, row.value) for row in chosen if row.kind in _SEARCHED)
