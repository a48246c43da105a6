"""The walls of clocks as JSON: instants in UTC as `…Z`, lengths in seconds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from notify.wall_view import ClockRow, Wall
from playbooks.timebase import stamp
from playbooks.zones import TZDATA_VERSION, holidays_version, zone


def walls_as_json(walls: Sequence[Wall], zone_name: str) -> dict[str, Any]:
    """The walls with one flat list of clocks; `due_local` is on the clock of `zone_name`."""
    return {
        "zone": zone_name,
        "tzdata": TZDATA_VERSION,
        "holidays": holidays_version(),
        "incidents": [
            {"ref": wall.incident, "state": wall.state, "exercise": wall.is_exercise, "now": stamp(wall.now)}
            for wall in walls
        ],
        "frozen": next((wall.frozen for wall in walls if wall.frozen), None),
        "clocks": [_row(wall, row, zone_name) for wall in walls for row in wall.rows],
    }


def _row(wall: Wall, row: ClockRow, zone_name: str) -> dict[str, Any]:
    left = row.due_at - wall.now if row.due_at is not None and row.is_running else None
    return {
        "incident": row.incident,
        "case": row.case_ref or None,
        "whose": "client" if row.is_shadow else "ours",
        "rule": row.rule,
        "title": row.title,
        "citation": row.citation,
        "recipient": row.recipient,
        "stage": row.stage,
        "state": row.state,
        "standing": row.standing,
        "anchor_at": _stamped(row.anchor_at),
        "due_at": _stamped(row.due_at),
        "due_local": _local(row.due_at, zone_name),
        "due_client": _local(row.due_at, row.zone),
        "legal_due_at": _stamped(row.legal_due_at),
        "met_at": _stamped(row.met_at),
        "delayed_until": _stamped(row.delayed_until),
        "seconds_left": _seconds(left),
        "policy": row.policy,
        "stub": row.stub,
        "evidence": row.evidence,
        "place": row.place,
        "explanation": row.explanation,
        "not_computable_because": row.no_number or None,
        "why": row.why,
        "started_by": row.started_by or None,
        "used_seconds": _seconds(row.used),
        "tzdata": row.tzdata,
        "holidays": row.holidays,
    }


def _seconds(length: timedelta | None) -> int | None:
    return None if length is None else int(length / timedelta(seconds=1))


def _stamped(at: datetime | None) -> str | None:
    return stamp(at) if at else None


def _local(at: datetime | None, zone_name: str) -> str | None:
    """An instant with the offset of a zone, to the second; none where no zone is known."""
    return at.astimezone(zone(zone_name)).isoformat(timespec="seconds") if at and zone_name else None
