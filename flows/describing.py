"""The words above a form: what is asked, what not to do, how the clocks stand. References only, no names."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from jinja2 import PackageLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment
from sqlmodel import Session

from flows.approving import Standing, short_lines, standing_of
from flows.candidates import alert_lines, tests_of
from flows.clients.file import CLIENT_CONTROLLER
from flows.clients.reading import wishes_of
from flows.clock import incident_now, wall_now
from flows.desk.words import clock_words, left_words
from flows.forensics.telling import proposed_lines
from flows.gathering import cases_of, open_questions, phase_name, plan_of, step_of, view_of
from flows.house import House
from flows.law.duties import duties_of
from flows.law.stages import delays_of, telling_of
from flows.merging.told import ToldBefore, told_before
from flows.notice_forms import needs_native_reader
from flows.notice_phases import headings
from flows.notice_telling import finding_lines, phase_line
from flows.roster.duty import duty_now
from flows.rounds import notices_of
from flows.text_proof import READ
from flows.wall.rows import team_zone, wall_of
from notify.wall_view import ClockRow
from playbooks.severity.forms import advice_for_facts
from store.scope import Scope
from store.tables import Incident, Notice, Obligation, Question, StepRow

_OWN_TEMPLATE = frozenset({"candidate", "command", "approval", "counsel", "release"})
SHOWN_CLOCKS = 3
"""How many clocks a form shows; the page has them all."""


def describe(house: House, session: Session, incident: Incident, question: Question) -> str:
    """Markdown for the form of a question: headings, bold and lists, which both UIs render."""
    assert incident.id is not None
    now = incident_now(session, incident, wall_now())
    clocks = _clocks_of(house, session, incident, question, now)
    row = session.get(StepRow, question.step_row_id) if question.step_row_id else None
    template = question.kind if question.kind in _OWN_TEMPLATE else "step"
    is_candidate = question.kind == "candidate"
    drafted = notices_of(session, row) if row and question.kind in READ else []
    follows = _follows(session, question)
    return (
        _environment()
        .get_template(f"{template}.md.j2")
        .render(
            incident=incident,
            question=question,
            phase=phase_name(incident, row),
            step=step_of(incident, row) if row else None,
            round=row.round if row else 1,
            is_restricted=plan_of(incident).restricted,
            now=now,
            page=f"{house.settings.desk_url}/i/{incident.ref}",
            clocks=clocks[:SHOWN_CLOCKS],
            more_clocks=len(clocks) - SHOWN_CLOCKS,
            zone=team_zone(house, session),
            questions=(others := open_questions(session, incident.id)),
            short=short_lines(others),
            release=_release(session, row, question),
            notices=notices_of(session, row) if row else [],
            delays=_delays(house, session, incident, row, now),
            told=_told(house, session, incident, row, now),
            native=_native(session, row),
            findings=[line for notice in drafted for line in finding_lines(notice)],
            phases=[line for notice in drafted if (line := phase_line(notice))],
            follows=follows,
            still_open=headings(follows.unknown) if follows else (),
            wanted=_wanted(session, incident, row),
            alerts=alert_lines(session, incident.id) if is_candidate else [],
            tests=tests_of(session, incident.id) if is_candidate else [],
            proposed=proposed_lines(session, incident.id, step_of(incident, row) if row else None),
            on_duty=duty_now(session, incident, now) if question.kind == "command" else [],
            advice=_advice(session, incident, question, row),
        )
    )


def _release(session: Session, row: StepRow | None, question: Question) -> Standing | None:
    """How far the release of the notices of a step has come, where it is asked for."""
    notices = notices_of(session, row) if row and question.kind == "release" else []
    return standing_of(session, notices[-1]) if notices else None


def _clocks_of(
    house: House, session: Session, incident: Incident, question: Question, now: datetime
) -> tuple[ClockRow, ...]:
    """Our clocks that matter to a question, of its case and of the incident: what is owed first."""
    wall = wall_of(house, session, incident, now, case_ref=question.case_ref, with_clients=False)
    return *wall.owed, *wall.presumed, *wall.unnumbered


def _delays(
    house: House, session: Session, incident: Incident, row: StepRow | None, now: datetime
) -> list[Obligation]:
    """The duties by which a lawful delay, not over yet, is about whom a notice tells."""
    if row is None or incident.id is None or (step := step_of(incident, row)).kind != "notice":
        return []
    duties = duties_of(session, incident.id)
    return delays_of(duties, telling_of(house, duties, now).told_in(step, row), now)


def _told(
    house: House, session: Session, incident: Incident, row: StepRow | None, now: datetime
) -> list[ToldBefore]:
    """Where a notice tells somebody, what an incident that was merged into this one told them already."""
    if row is None or incident.id is None or (step := step_of(incident, row)).kind != "notice":
        return []
    case_ref, recipient, addressee = telling_of(house, duties_of(session, incident.id), now).told_in(
        step, row
    )
    return [
        one
        for one in told_before(session, incident, Scope.whole())
        if (one.case_ref, one.recipient, one.addressee) == (case_ref, recipient, addressee)
    ]


def _follows(session: Session, question: Question) -> Notice | None:
    """The notice that a draft follows."""
    number = question.subject.get("follows") if question.kind == "draft" else None
    return session.get(Notice, number) if number else None


def _native(session: Session, row: StepRow | None) -> list[str]:
    """The languages of the notices whose fixed words no native reader has read."""
    notices = notices_of(session, row) if row else []
    return [name for notice in notices if (name := needs_native_reader(notice.template))]


def _wanted(session: Session, incident: Incident, row: StepRow | None) -> tuple[str, ...]:
    """What the contract wants said, where a notice tells a client."""
    if row is None or incident.id is None or step_of(incident, row).recipient != CLIENT_CONTROLLER:
        return ()
    case = next((one for one in cases_of(session, incident.id) if one.ref == row.case_ref), None)
    return wishes_of(session, case.client_id).content if case else ()


def _advice(session: Session, incident: Incident, question: Question, row: StepRow | None) -> list[str]:
    """What the methods would say, where a person judges the risk or approves such a judgement."""
    if row is None or incident.id is None:
        return []
    if all(field.fact != "risk" for field in step_of(incident, row).fields):
        return []
    return advice_for_facts(view_of(session, incident.id), question.case_ref or None)


@cache
def _environment() -> SandboxedEnvironment:
    environment = SandboxedEnvironment(
        loader=PackageLoader("flows", "forms_text"),
        undefined=StrictUndefined,
        autoescape=False,  # Markdown of our own; outside strings go through `inert`
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(moment=clock_words, left=left_words, inert=inert, inert_lines=inert_lines)
    return environment


def inert_lines(text: str) -> str:
    """Text of somebody else's making as lines of Markdown that render as themselves."""
    return "\n".join(inert(line) for line in text.splitlines())


def inert(text: str) -> str:
    """Text of somebody else's making as one quoted line of Markdown that renders as itself."""
    return "".join(f"\\{char}" if char in "\\`*_{}[]()<>#+!|~&" else char for char in " ".join(text.split()))
