"""The board of an exercise on the terminal: what the desk shows, line by line, all of it inert."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import col, select

from flows.cli.shown import columns, say, say_block, when
from flows.desk.exercise_lines import ExerciseView, InjectLine
from flows.desk.exercise_view import exercise_view
from flows.exercise.recording import find_exercise
from flows.house import House
from notify.text import terminal
from store.tables import Exercise


def list_exercises(house: House) -> None:
    """Show every exercise, the newest first."""
    with house.store.reading() as session:
        rows = list(session.exec(select(Exercise).order_by(col(Exercise.id).desc())))
    columns(
        ("exercise", "scenario", "state", "pace", "facilitator", "began", "ended"),
        [
            (one.name, one.scenario, one.state, one.pace, one.facilitator, one.started_at, one.ended_at)
            for one in rows
        ],
        none="no exercise yet: seventytwo exercise run SCENARIO",
    )


def show_board(house: House, name: str, wall: datetime) -> None:
    """Show one exercise as its facilitator needs it; raises NotFound."""
    with house.store.reading() as session:
        view = exercise_view(house, session, find_exercise(session, name), None, wall)
    _show_head(view)
    _show(
        "Who waits for what",
        ("due", "waits for", "role", "played by", "of", "question"),
        [
            (
                one.due_at,
                one.since,
                one.who,
                "script" if one.is_scripted else "people",
                f"{one.incident}/{one.case_ref}" if one.case_ref else one.incident,
                one.title,
            )
            for one in view.waits
        ],
    )
    _show(
        "Clocks",
        ("due", "of", "case", "rule", "recipient"),
        [(row.due_at, ref, row.case_ref, row.rule, row.recipient) for ref, row in view.clocks],
    )
    say()
    say("Injects")
    for one in view.injects:
        _show_inject(one)
    _show(
        "What the sinks took",
        ("notice", "of", "case", "state", "at", "recipient"),
        [(one.number, one.incident, one.case_ref, one.state, one.at, one.recipient) for one in view.taken],
    )


def _show_inject(one: InjectLine) -> None:
    """One inject: when it comes or came, what it is, and what its facilitator should know of it."""
    at = one.delivered_at or one.due_at
    left = f", {one.left}" if one.left else f", until {when(one.until)}" if one.until else ""
    say_block(f"{one.state:<10}", f"{one.key}: {one.title}", 2)
    say_block("", f"{one.kind.replace('_', ' ')}, {when(at)}{left}", 12)
    say_block("", one.about, 12)
    say_block("note: ", one.note, 12)
    say_block("handled: ", one.answer, 12)
    say_block("", one.why, 12)


def _show_head(view: ExerciseView) -> None:
    say(f"{view.name} EXERCISE {view.state} · {terminal(view.title)} · {view.pace}")
    say(f"  it is {when(view.now)} there")
    if view.why:
        say(f"  {terminal(view.why)}")
    say(f"  led by {terminal(view.facilitator) or '-'}; ends at the latest {when(view.ends_at)}")
    for given, ours in view.clients:
        say(f"  {terminal(given)} is played by {terminal(ours)}")
    for ref, state in view.incidents:
        say(f"  {ref} {state.replace('_', ' ')}")
    for ref in view.real:
        say(f"  a REAL incident is open: {ref}. Real work first.")


def _show(head: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    say()
    say(head)
    columns(heads, rows, none="  nothing")
