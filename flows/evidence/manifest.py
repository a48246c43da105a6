"""The manifest: every item of an incident with its hash, and in JSON its whole custody."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from sqlmodel import Session

from flows.evidence.custody import entries_of
from flows.evidence.items import items_of, name_of
from notify.text import csv_cell
from store.tables import Custody, Evidence, Incident


@dataclass(frozen=True, slots=True)
class Handed:
    """An entry of custody; instants in UTC."""

    entry: int
    what: str
    by: str
    to: str
    why: str
    sha256: str
    at: str
    recorded_at: str


@dataclass(frozen=True, slots=True)
class Line:
    """An item; instants in UTC, size in bytes."""

    incident: str
    evidence: str
    case: str
    kind: str
    title: str
    origin: str
    tool: str
    media_type: str
    size: int | None
    sha256: str
    collected_by: str
    collected_at: str
    recorded_at: str
    custodian: str
    held: bool
    disposed_at: str
    custody: tuple[Handed, ...]


def make(session: Session, incident: Incident, case_ref: str | None = None) -> tuple[Line, ...]:
    """Every item of an incident, or of one of its cases; raises NotFound for a case that is not there."""
    return tuple(_line(session, incident, item) for item in items_of(session, incident, case_ref))


def render_json(lines: tuple[Line, ...]) -> str:
    """The manifest as JSON."""
    return json.dumps([asdict(line) for line in lines], indent=2) + "\n"


def render_csv(lines: tuple[Line, ...]) -> str:
    """The manifest as CSV (RFC 4180), an item a row, the entries of its custody counted."""
    out = io.StringIO()
    writer = csv.writer(out)
    heads = [name for name in Line.__dataclass_fields__ if name != "custody"]
    writer.writerow([*heads, "custody_entries"])
    for line in lines:
        cells = ["" if (value := getattr(line, name)) is None else value for name in heads]
        writer.writerow(csv_cell(cell) for cell in (*cells, len(line.custody)))
    return out.getvalue()


def _line(session: Session, incident: Incident, item: Evidence) -> Line:
    return Line(
        incident=incident.ref, evidence=name_of(item), case=item.case_ref, kind=item.kind, title=item.title,
        origin=item.origin, tool=item.tool, media_type=item.media_type, size=item.size, sha256=item.sha256,
        collected_by=item.collected_by, collected_at=_moment(item.collected_at),
        recorded_at=_moment(item.recorded_at), custodian=item.custodian, held=item.held,
        disposed_at=_moment(item.disposed_at),
        custody=tuple(_handed(entry) for entry in entries_of(session, item)),
    )  # fmt: skip


def _handed(entry: Custody) -> Handed:
    return Handed(
        entry.seq, entry.kind, entry.by, entry.to, entry.why, entry.sha256,
        _moment(entry.at), _moment(entry.recorded_at),
    )  # fmt: skip


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if at else ""
