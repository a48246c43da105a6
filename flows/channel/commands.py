"""`/incident …`: what a responder may know by reference, told to them alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from sqlmodel import Session, col, select

from flows.channel import standing
from flows.channel.acts import screened
from flows.channel.forms import open_window
from flows.channel.incoming import Words
from flows.channel.replies import NOTHING, Reply, fitting, link, refusal
from flows.clock import incident_now
from flows.deciding import deciding, note
from flows.desk.words import left_words
from flows.exercise_channel import mark
from flows.gathering import open_questions, phase_name
from flows.house import House
from flows.incidents import LIVE, incidents
from flows.reported import SEVERITIES
from flows.roster.handover import handover_text
from flows.wall.rows import wall_of
from notify.text import slack
from notify.wall_view import ClockRow
from playbooks.errors import Refused
from store.scope import Scope
from store.tables import Incident, Question, Responder, StepRow

SHOWN: Final = 15
"""How many lines a reply has at most, but for the one that counts the rest."""
LOOKED_AT: Final = 60
"""How many incidents a reply looks into, the newest first."""

HANDED_OVER: Final = 5
"""How many incidents one hand-over tells of."""

USAGE: Final = """\
`/incident open [playbook] [what was seen]`: a new incident, with your one-time code
`/incident list`: what is open, as far as you may know of it
`/incident mine`: the questions that wait for you
`/incident clocks [INC-2026-0001]`: the clocks of one incident, or the next ones of all
`/incident note INC-2026-0001 words`: a remark for its timeline
`/incident handover [INC-2026-0001]`: what whoever comes after you has to know"""


def run(house: House, words: Words, now: datetime) -> Reply:
    """The reply to a command, for whoever typed it alone."""
    name, _, rest = words.text.strip().partition(" ")
    with house.store.reading() as session:
        responder = standing.actor(session, words.sender)
    if responder is None:
        with house.store.writing() as session:
            standing.record_refusal(session, words.key, "command", words.sender, now)
        return NOTHING
    command = _COMMANDS.get(name.casefold())
    return command(house, words, responder, rest.strip(), now) if command else Reply(USAGE)


def _open(house: House, words: Words, _: Responder, rest: str, now: datetime) -> Reply:
    known = sorted(
        {
            playbook.id: playbook.neutral_title
            for playbook in house.playbooks.every()
            if not playbook.revoked and (playbook.valid_from is None or playbook.valid_from <= now.date())
        }.items()
    )
    first, _sep, title = rest.partition(" ")
    chosen = first if first in dict(known) else ""
    return Reply(view=open_window(known, SEVERITIES, chosen, title if chosen else rest, words.sender.place))


def _list(house: House, words: Words, responder: Responder, _rest: str, now: datetime) -> Reply:  # noqa: ARG001
    with house.store.reading() as session:
        lines = [_line(house, session, one, responder, now) for one in _known(session, responder)]
    return _told(lines, "No open incident that you may know of.")


def _line(house: House, session: Session, incident: Incident, responder: Responder, now: datetime) -> str:
    page = link(f"{house.settings.desk_url}/i/{incident.ref}", incident.ref)
    rows = [row for row in _rows(house, session, incident, responder, now) if row.is_running and row.due_at]
    clock = f"next clock: {slack(rows[0].left)}" if rows else "no clock runs"
    state = "candidate · " if incident.state == "candidate" else ""
    return (
        f"{mark(incident)}{page} · {state}{_phase(session, incident)} · {slack(incident.severity)} · {clock}"
    )


def _mine(house: House, words: Words, responder: Responder, _rest: str, now: datetime) -> Reply:  # noqa: ARG001
    lines: list[tuple[bool, datetime, str]] = []
    with house.store.reading() as session:
        for incident in _known(session, responder):
            at, cases = incident_now(session, incident, now), _cases(session, incident, responder)
            for one in open_questions(session, incident.id or 0):
                if _is_for(one, responder) and one.case_ref in cases:
                    form = link(f"{house.settings.desk_url}/q/{one.ref}", one.title)
                    left = left_words(one.due_at, at) if one.due_at else "no time target"
                    late = (one.due_at is None, one.due_at or now)
                    lines.append((*late, f"{mark(incident)}{incident.ref} · {form} · {left}"))
    return _told([line for *_, line in sorted(lines)], "Nothing waits for you.")


def _clocks(house: House, words: Words, responder: Responder, rest: str, now: datetime) -> Reply:
    if rest:
        return _clocks_of(house, words, responder, rest, now)
    found: list[tuple[datetime, str]] = []
    with house.store.reading() as session:
        for incident in _known(session, responder):
            rows = _rows(house, session, incident, responder, now)
            found += [
                (row.due_at, mark(incident) + _clock(row)) for row in rows if row.is_running and row.due_at
            ]
    return _told([line for _, line in sorted(found)], "No clock runs that you may know of.")


def _clocks_of(house: House, words: Words, responder: Responder, ref: str, now: datetime) -> Reply:
    with house.store.reading() as session:
        incident = _named(session, responder, ref)
        if incident is not None:
            rows = _rows(house, session, incident, responder, now)
            return _told([mark(incident) + _clock(row) for row in rows], f"{incident.ref} has no clocks yet.")
    return _refused(house, words, now)


def _note(house: House, words: Words, responder: Responder, rest: str, now: datetime) -> Reply:
    ref, _, text = rest.partition(" ")
    with house.store.reading() as session:
        incident = _named(session, responder, ref)
    if incident is None:
        return _refused(house, words, now)
    with deciding(house, incident.ref) as decision:
        session = decision.session
        if (first := standing.first_outcome(session, words.key)) is not None:
            return Reply(first)
        if not standing.may_act(session, session.get_one(Responder, responder.id), decision.incident):
            return NOTHING
        if decision.incident.state not in LIVE:
            return Reply(f"{decision.incident.ref} is closed: nothing was changed.")
        try:
            note(decision, "remark", responder.handle, {"text": screened(text)})
        except Refused as refused:
            return Reply(f"Not written: {refusal(refused)}.")
        said = f"{mark(incident)}Written into the timeline of {incident.ref}."
        standing.keep(session, words.key, "note", said, decision.wall, responder, incident=decision.incident)
        return Reply(said)


def _handover(house: House, words: Words, responder: Responder, rest: str, now: datetime) -> Reply:
    with house.store.reading() as session:
        named = _named(session, responder, rest) if rest else None
        chosen = ([named] if named else []) if rest else _known(session, responder)
        told = [
            handover_text(session, one, incident_now(session, one, now), responder)
            for one in chosen[:HANDED_OVER]
        ]
        left = len(chosen) - len(told)
    if rest and not told:
        return _refused(house, words, now)
    lines = [slack(line, 300) for text in told for line in text.split("\n")]
    lines += [f"… and {left} more: name one, `/incident handover INC-2026-0001`"] if left else []
    return Reply(fitting(lines) or "Nothing is open that you may know of.")


def _known(session: Session, responder: Responder) -> list[Incident]:
    """The open incidents that a responder may know of, the newest first."""
    found = (one for one in incidents(session) if standing.may_act(session, responder, one))
    return [one for one, _ in zip(found, range(LOOKED_AT), strict=False)]


def _named(session: Session, responder: Responder, ref: str) -> Incident | None:
    """The incident of that reference, if there is one that a responder may know of."""
    wanted = ref.strip().upper()[:16]
    if not (wanted.isascii() and wanted.isprintable()):
        return None
    incident = session.exec(select(Incident).where(Incident.ref == wanted)).first()
    return incident if incident and standing.may_act(session, responder, incident) else None


def _refused(house: House, words: Words, now: datetime) -> Reply:
    with house.store.writing() as session:
        standing.record_refusal(session, words.key, "command", words.sender, now)
    return NOTHING


def _rows(
    house: House, session: Session, incident: Incident, responder: Responder, now: datetime
) -> tuple[ClockRow, ...]:
    at = incident_now(session, incident, now)
    return wall_of(house, session, incident, at, Scope.of(responder), with_clients=False).rows


def _clock(row: ClockRow) -> str:
    where = f"{row.incident}/{row.case_ref}" if row.case_ref else row.incident
    due = f" · due {row.due_at.astimezone(UTC):%d %b %H:%MZ}" if row.due_at else ""
    return f"{where} · {slack(row.rule, 80)} · {slack(row.standing, 40)}{due} · {slack(row.left or '-', 40)}"


def _phase(session: Session, incident: Incident) -> str:
    """The phase of the oldest open question that belongs to a step."""
    rows = session.exec(
        select(StepRow)
        .join(Question, col(Question.step_row_id) == col(StepRow.id))
        .where(Question.incident_id == incident.id, Question.state == "open")
        .order_by(col(Question.id))
    )
    row = rows.first()
    return phase_name(incident, row) if row else "begun"


def _cases(session: Session, incident: Incident, responder: Responder) -> set[str]:
    return {"", *(case.ref for case in Scope.of(responder).cases(session, incident))}


def _is_for(question: Question, responder: Responder) -> bool:
    if question.kind == "action" or responder.handle in question.excluded:
        return False
    if question.assignee:
        return question.assignee == responder.handle
    return question.role in responder.roles


def _told(lines: Iterable[str], none: str) -> Reply:
    """The first lines and how many more there are, in a size that Slack takes."""
    every = list(lines)
    kept = every[:SHOWN]
    text = fitting(kept, 2_700)
    left = len(every) - len(text.split("\n")) if "… and" not in text else 0
    return Reply(f"{text}\n… and {left} more" if left > 0 else text or none)


_Command = Callable[[House, Words, Responder, str, datetime], Reply]
_COMMANDS: Mapping[str, _Command] = {
    "open": _open,
    "list": _list,
    "mine": _mine,
    "clocks": _clocks,
    "note": _note,
    "handover": _handover,
}
