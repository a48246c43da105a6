"""The chain-of-custody sheet of one item of evidence, for the terminal and for whoever must believe it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlmodel import Session

from flows.cli.shown import columns, say
from flows.evidence.custody import Proven, prove
from flows.evidence.items import name_of
from flows.exercise_channel import mark
from notify.text import terminal
from store import timeline
from store.tables import Evidence, Incident, StepRow


def say_sheet(session: Session, incident: Incident, item: Evidence) -> bool:
    """Show an item and every entry of its custody; whether all of it is proved by the timeline."""
    proven, faults = prove(session, incident, item)
    faults = [f"entry {one.entry.seq} {one.fault}" for one in proven if one.fault] + faults
    chain = timeline.verify(session, incident.ref)
    if not isinstance(chain, timeline.Verified):
        faults.append(f"the timeline is broken at entry {chain.seq}: {chain.why}")
    say(f"{mark(incident)}CHAIN OF CUSTODY  {incident.ref} {name_of(item)}")
    for label, value in _facts(session, item):
        say(f"  {label:<14}{terminal(value, 1_200) or '-'}")
    say()
    _say_entries(proven)
    say()
    for fault in faults:
        say(f"  FINDING: {terminal(fault)}")
    if not faults and isinstance(chain, timeline.Verified):
        say(f"  Every entry stands in the timeline of {incident.ref}, whose chain verifies.")
        say(f"  Its {chain.entries} entries end with {chain.head}")
    return not faults


def _say_entries(proven: Sequence[Proven]) -> None:
    columns(
        ("entry", "when (UTC)", "recorded (UTC)", "what", "by", "to", "timeline"),
        [
            (one.entry.seq, _to_the_second(one.entry.at), _to_the_second(one.entry.recorded_at),
             one.entry.kind, one.entry.by, one.entry.to, _proof(one))
            for one in proven
        ],
        none="NO ENTRY AT ALL",
    )  # fmt: skip
    say()
    for one in proven:
        if one.entry.sha256:
            say(f"  {one.entry.seq}: SHA-256 {one.entry.sha256}")
        if one.entry.why:
            say(f"  {one.entry.seq}: {terminal(one.entry.why, 1_200)}")


def _facts(session: Session, item: Evidence) -> list[tuple[str, object]]:
    step = session.get(StepRow, item.step_row_id) if item.step_row_id else None
    return [
        ("Title", item.title),
        ("Kind", item.kind + (", EMPTY file" if item.kind == "file" and item.size == 0 else "")),
        ("Found at", item.origin),
        ("Collected", f"{_to_the_second(item.collected_at)} by {item.collected_by}"),
        ("With", item.tool),
        ("Recorded", _to_the_second(item.recorded_at)),
        ("Case, step", f"{item.case_ref or '-'}, {step.step_id if step else '-'}"),
        ("Media type", item.media_type),
        ("Size", "-" if item.size is None else f"{item.size:,} bytes"),
        ("SHA-256", item.sha256),
        ("Custodian", item.custodian),
        ("Legal hold", "yes" if item.held else "no"),
        ("Disposed", _to_the_second(item.disposed_at) if item.disposed_at else "no"),
    ]


def _proof(one: Proven) -> str:
    return one.fault.upper() if one.fault else f"entry {one.seq}"


def _to_the_second(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}"
