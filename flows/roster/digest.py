"""The morning digest: once a day, one message for each client's channel, one for the house.

A client's channel hears of that client alone. Incidents that only a circle may know of are a count in the
house's digest and nothing elsewhere; exercises are spoken of in the exercise channel or not at all, but for
what they left to mend, which is real work.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel import Session, col, select

from flows.circle import is_guarded, kept_out
from flows.clock import incident_now
from flows.desk.sections import phase_views
from flows.desk.words import clock_words, left_words
from flows.gathering import cases_of, plan_of, steps_of
from flows.house import House
from flows.incidents import LIVE
from flows.law.duties import duties_of
from flows.roster.keeping import roster_of
from flows.wall.rows import team_zone
from notify.kinds import check_fields
from notify.wall_view import RUNNING
from playbooks.roster.models import time_of
from playbooks.vocabulary import whom
from playbooks.zones import first_instant, zone
from store import outbox
from store.counters import next_number
from store.tables import ActionItem, Client, Counter, Exercise, Incident, Notice

AT: Final = "08:00"
"""When the digest comes where neither the environment nor the roster says so."""
HOUSE: Final = "house"
EXERCISE: Final = "exercise"
SHOWN: Final = 10
_SOON: Final = timedelta(days=7)
_NAME: Final = "digest"
_AWAITED: Final = ("approved", "queued", "sent", "bounced")
_HEADS: Final = ("Open incidents", "Next clocks", "Notices awaited", "Action items due", "Restricted")


@dataclass(slots=True)
class _Page:
    """What one channel will be told."""

    about: str
    channel: str
    exercise: bool = False
    lines: dict[str, list[tuple[datetime, str]]] = field(default_factory=dict)

    def add(self, head: str, at: datetime, line: str) -> None:
        """Add a line to a section; the earliest instants stand first."""
        self.lines.setdefault(head, []).append((at, line))

    @property
    def sections(self) -> list[dict[str, Any]]:
        """The sections that have lines, in their order."""
        found = []
        for head in (head for head in _HEADS if head in self.lines):
            lines = [line for _, line in sorted(self.lines[head])]
            found.append(
                {"head": f"{head}: {len(lines)}", "lines": lines[:SHOWN], "more": len(lines[SHOWN:])}
            )
        return found


def send_digest(home: House, wall: datetime) -> int:
    """Queue today's digests once their hour has come; how many, and none a second time."""
    with home.store.reading() as session:
        due = _due(home, session, wall)
        told = session.get(Counter, _NAME)
        if due is None or (told is not None and (told.value >= due[1] or wall < due[0])):
            return 0
        due_at, day = due
        is_first = told is None
        pages = [] if is_first else [page for page in _pages(home, session, wall) if page.lines]
    with home.store.writing() as session:
        last = next_number(session, _NAME, 0)  # locks: of two watches the second finds it told
        if is_first and last == 0:  # a new house: today's is told if its hour is still to come
            next_number(session, _NAME, day if wall >= due_at else day - 1)
        if is_first or last >= day:
            return 0
        next_number(session, _NAME, day - last)
        for page in pages:
            _queue(session, page, due_at, wall)
        return len(pages)


def _due(home: House, session: Session, wall: datetime) -> tuple[datetime, int] | None:
    """When today's digest is due, and the number of its day, in the house's zone; None where it is off."""
    said = home.settings.digest_at
    if said is None:
        roster = roster_of(session)
        said = (roster and roster.digest_at) or AT
    if not said:
        return None
    where = zone(team_zone(home, session))
    today = wall.astimezone(where).date()
    return first_instant(datetime.combine(today, time_of(said)), where), today.toordinal()


def _queue(session: Session, page: _Page, due_at: datetime, wall: datetime) -> None:
    fields = {
        "ref": page.about,
        "exercise": page.exercise,
        "about": page.about,
        "day": f"{due_at:%d %b %Y}",
        "sections": page.sections,
    }
    check_fields("digest", fields)
    outbox.enqueue(
        session,
        incident=None,
        key=f"digest/{due_at:%Y-%m-%d}/{page.about}",
        kind="digest",
        fields=fields,
        channel=page.channel,
        at=wall,
    )


def _pages(home: House, session: Session, wall: datetime) -> list[_Page]:
    """What each channel is told: each client with a channel of its own, the house, the exercises."""
    clients = {row.id: row for row in session.exec(select(Client).order_by(col(Client.ref)))}
    ours = _Page(HOUSE, home.settings.channel)
    drills = _Page(EXERCISE, home.settings.exercise_channel, exercise=True)
    own = {row.ref: _Page(row.ref, row.channel) for row in clients.values() if row.channel}
    guarded = 0
    for incident in _spoken_of(session):
        is_live, now = incident.state in LIVE, incident_now(session, incident, wall)
        of_case = {case.ref: clients[case.client_id].ref for case in cases_of(session, incident.id or 0)}
        if incident.exercise_id is not None:
            if drills.channel and is_live:
                _tell(session, drills, incident, now, dict.fromkeys(("", *of_case), ""), of_case)
            elif not is_live and not is_guarded(session, incident):
                _tell_rehearsed(session, ours, incident, wall)
        elif is_guarded(session, incident):
            guarded += is_live
        else:
            for page, cases in _shares(ours, own, of_case):
                _tell(session, page, incident, now, cases, of_case)
    if guarded:
        word = "incident is" if guarded == 1 else "incidents are"
        ours.add("Restricted", wall, f"{guarded} {word} open of which only a circle may know more")
    return [*own.values(), ours, drills]


def _spoken_of(session: Session) -> list[Incident]:
    """The incidents that are open, and those that left something to mend."""
    left = select(ActionItem.incident_id).where(ActionItem.state == "open")
    wanted = col(Incident.state).in_(LIVE) | col(Incident.id).in_(left)
    return list(session.exec(select(Incident).where(wanted).order_by(col(Incident.id))))


def _shares(
    ours: _Page, own: Mapping[str, _Page], of_case: Mapping[str, str]
) -> Iterator[tuple[_Page, dict[str, str]]]:
    """Which page tells of which cases, each with the client that is named on it; the rest is the house's."""
    yield ours, {"": "", **{case: f"{client}: " for case, client in of_case.items() if client not in own}}
    for ref, page in own.items():
        cases = {case: "" for case, client in of_case.items() if client == ref}
        if cases:
            yield page, cases


def _tell(
    session: Session,
    page: _Page,
    incident: Incident,
    now: datetime,
    cases: Mapping[str, str],
    of_case: Mapping[str, str],
) -> None:
    """Add what one page may say of an incident: of these cases, `""` for the incident's own."""
    assert incident.id is not None
    is_whole = "" in cases or set(cases) == set(of_case)
    if incident.state in LIVE:
        named = ", ".join(sorted({who.removesuffix(": ") for who in cases.values() if who}))
        page.add("Open incidents", incident.opened_at, _line(session, incident, named))
        for duty in duties_of(session, incident.id):
            if duty.case_ref in cases and duty.state in RUNNING and duty.due_at is not None:
                who = f"{cases[duty.case_ref]}{whom(duty.recipient, duty.addressee)} ({duty.rule_id})"
                left = f"{left_words(duty.due_at, now)}, due {clock_words(duty.due_at)}"
                page.add("Next clocks", duty.due_at, f"{incident.ref} {who}: {left}")
        for notice in _awaited(session, incident.id):
            if notice.case_ref in cases:
                what = f"{cases[notice.case_ref]}notice {notice.id}, {notice.state}"
                since = f"since {clock_words(notice.sent_at or notice.drafted_at)}"
                page.add("Notices awaited", notice.drafted_at, f"{incident.ref} {what} {since}")
    if is_whole:
        _tell_items(session, page, incident, now)


def _tell_items(
    session: Session, page: _Page, incident: Incident, now: datetime, of_exercise: str = ""
) -> None:
    """What the review agreed to mend and is due within a week, or over: by its reference."""
    out = kept_out(session, incident.id or 0)
    items = session.exec(
        select(ActionItem).where(ActionItem.incident_id == incident.id, ActionItem.state == "open")
    )
    for item in items:
        if item.due_at <= now + _SOON:
            owner = "" if item.owner in out else f", {item.owner}"
            line = f"{item.ref}: {left_words(item.due_at, now)}{owner}{of_exercise}"
            page.add("Action items due", item.due_at, line)


def _tell_rehearsed(session: Session, page: _Page, incident: Incident, wall: datetime) -> None:
    """What an exercise that is over left to mend: people mend it in earnest, in wall time."""
    exercise = session.get_one(Exercise, incident.exercise_id)
    if exercise.filed_at is not None:  # until then its dates are the exercise's own
        _tell_items(session, page, incident, wall, f" (of the exercise {exercise.name})")


def _line(session: Session, incident: Incident, named: str) -> str:
    assert incident.id is not None
    views = phase_views(plan_of(incident), steps_of(session, incident.id))
    phase = ", ".join(view.name for view in views if view.state == "now") or "no phase under way"
    about = f" ({named})" if named else ""
    state = "" if incident.state == "open" else f", {incident.state}"
    return f"{incident.ref}{about}: {phase}, severity {incident.severity}{state}"


def _awaited(session: Session, incident_id: int) -> list[Notice]:
    """The notices that were released, and that nobody has proved to have arrived."""
    return list(
        session.exec(
            select(Notice)
            .where(Notice.incident_id == incident_id, col(Notice.state).in_(_AWAITED))
            .order_by(col(Notice.id))
        )
    )
