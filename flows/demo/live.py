"""The demo's live view: phases, clocks, open questions, and the messages as they are sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text
from sqlmodel import Session, col, select

from flows.clock import incident_now, wall_now
from flows.desk.words import left_words
from flows.exercise.scripted import find_incident
from flows.gathering import open_questions, phase_name, plan_of, steps_of
from flows.house import House
from flows.law.duties import duties_of
from notify.render import render_terminal
from playbooks.clocks import Standing, standing
from store.tables import Incident, Message, Obligation, StepRow

SHOWN_MESSAGES = 9
STYLE = {
    Standing.ON_TRACK: "green",
    Standing.DUE_SOON: "yellow",
    Standing.OVERDUE: "bold red",
    Standing.MET: "green",
    Standing.MET_LATE: "red",
    Standing.NOT_COMPUTABLE: "dim",
}


@dataclass
class View:
    """What the terminal shows; where it is none, each message and answer is a line of its own."""

    house: House
    console: Console
    ref: str
    heard: int = 0
    said: list[str] = field(default_factory=list)
    live: Live | None = None

    def __enter__(self) -> Self:
        if self.console.is_terminal:
            self.live = Live(console=self.console, refresh_per_second=8, transient=True)
            self.live.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        if self.live is not None:
            self.live.__exit__(None, None, None)

    def tick(self, moved: str) -> None:
        """Show how things stand now; `moved` says what has just been done."""
        with self.house.store.reading() as session:
            incident = session.exec(select(Incident).where(Incident.ref == self.ref)).one()
            self._hear(session, incident)
            if self.live is not None:
                self.live.update(self._drawn(session, incident))
        if moved and self.live is None:
            self._print(f"→ {moved}")

    def _hear(self, session: Session, incident: Incident) -> None:
        """Take up the messages sent since the last look."""
        sent = session.exec(
            select(Message)
            .where(Message.incident_id == incident.id, Message.state == "sent", Message.sequence > self.heard)
            .order_by(col(Message.sequence))
        )
        for message in sent:
            self.heard = message.sequence
            told = render_terminal(message.kind, message.fields)
            self.said.append(told)
            if self.live is None:
                self._print(f"{message.channel} {told}")

    def _print(self, line: str) -> None:
        self.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def _drawn(self, session: Session, incident: Incident) -> Group:
        assert incident.id is not None
        now = incident_now(session, incident, wall_now())
        head = Text.assemble(
            (f"{incident.ref} ", "bold"),
            f"{incident.playbook} · exercise · ",
            (f"{now:%a %d %b %H:%M} UTC", "bold cyan"),
        )
        clocks = [_clock(duty, now) for duty in duties_of(session, incident.id) if duty.state != "not_owed"]
        questions = [
            Text(f"{phase_name(incident, session.get(StepRow, q.step_row_id or 0))} · {q.title} · {q.role}")
            for q in open_questions(session, incident.id)
        ]
        return Group(
            head,
            _phases(session, incident),
            Panel(Group(*clocks) if clocks else Text("no clock yet"), title="clocks", title_align="left"),
            Panel(Group(*questions), title="open questions (the inbox in Prefect)", title_align="left"),
            Panel(_recent(self.said), title="messages", title_align="left"),
        )


def _recent(said: list[str]) -> Text:
    return Text(
        "\n".join(line.split("\n")[0] for line in said[-SHOWN_MESSAGES:]), overflow="ellipsis", no_wrap=True
    )


def _phases(session: Session, incident: Incident) -> Table:
    """Each phase with how many of its steps have ended."""
    assert incident.id is not None
    plan = plan_of(incident)
    rows = steps_of(session, incident.id)
    table = Table.grid(padding=(0, 2))
    cells = []
    for phase in plan.phases:
        ids = {step.id for step in phase.steps}
        mine = [row for row in rows if row.step_id in ids]
        ended = sum(row.state in ("done", "skipped", "withdrawn") for row in mine)
        style = "green" if mine and ended == len(mine) else "bold" if mine else "dim"
        cells.append(Text(f"{phase.id} {ended}/{max(len(mine), len(ids))}", style=style))
    table.add_row(*cells)
    return table


def _clock(duty: Obligation, now: datetime) -> Text:
    stands = standing(duty.due_at, duty.met_at, now, anchor_at=duty.anchor_at)
    left = left_words(duty.due_at, now) if duty.due_at and duty.met_at is None else ""
    case = f" case {duty.case_ref}" if duty.case_ref else ""
    word = duty.state if duty.state in ("presumed", "waived") else str(stands).replace("_", " ")
    due = f"due {duty.due_at:%d %b %H:%M}" if duty.due_at else "no number"
    label = " (policy, not law)" if duty.policy else ""
    return Text(f"{duty.rule_id}{case}: {due}{label} · {word} {left}", style=STYLE[stands])


def ended_line(house: House, ref: str) -> tuple[str, int, int]:
    """How an incident ended, and how many of its obligations were met in time."""
    incident = find_incident(house, ref)
    with house.store.reading() as session:
        duties = [duty for duty in duties_of(session, incident.id or 0) if duty.state != "not_owed"]
    in_time = [d for d in duties if d.met_at and (d.due_at is None or d.met_at <= d.due_at)]
    return incident.state.replace("_", " "), len(in_time), len(duties)
