"""Reading all access logs for a search, and writing down what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlmodel import Session, col, select

from flows.deciding import Decision, note
from flows.forensics.limits import Limits
from flows.forensics.log_sources import LogSource, log_sources
from flows.forensics.reader import new_reading, read_log
from flows.forensics.searching import Search
from playbooks.forensics.reading import Reading
from playbooks.forensics.reconstruction import Fold
from playbooks.forensics.result import Result
from playbooks.forensics.summary import summarise
from store.tables import Reconstruction

NO_SOURCE = "no access log is configured: who touched what cannot be told from here"


def reconstruct(folders: Sequence[Path], search: Search, limits: Limits | None = None) -> Result:
    """Who touched which records, as every configured log has it; what is amiss is a finding, no error."""
    sources, faults = log_sources(folders)
    findings = list(search.findings)
    if faults:
        findings.append(f"{len(faults)} faults in the files of sources: see `seventytwo access check`")
    if not sources:
        findings.append(NO_SOURCE)
    rules = {one.system: one.bulk_rule for one in sources.values()}
    fold = Fold(rules, {one.system: one.as_rosters for one in sources.values()})
    read = {} if search.is_empty else sources
    readings = _readings(read, search, fold, limits or Limits())
    looked_for = None if search.observables is None else [value for _, value in search.observables]
    return summarise(fold, readings, (search.since, search.until), looked_for, findings)


def _readings(sources: Mapping[str, LogSource], search: Search, fold: Fold, limits: Limits) -> list[Reading]:
    wanted, readings = search.wanted, []
    for source in sources.values():
        reading = new_reading(source, wanted)
        for access in read_log(source, wanted, reading, limits):
            fold.add(access)
        readings.append(reading)
    return readings


def reconstructions_of(session: Session, incident_id: int) -> list[Reconstruction]:
    """The reconstructions of an incident, by number."""
    asked = select(Reconstruction).where(Reconstruction.incident_id == incident_id)
    return list(session.exec(asked.order_by(col(Reconstruction.number))))


def result_of(row: Reconstruction) -> Result:
    """What a reconstruction found."""
    return Result.model_validate(row.result["access"])


def write_down(decision: Decision, result: Result, author: str) -> Reconstruction:
    """Keep a reconstruction under the incident's next number, and say so in the timeline."""
    rows = reconstructions_of(decision.session, decision.incident_id)
    row = Reconstruction(
        incident_id=decision.incident_id,
        number=max((one.number for one in rows), default=0) + 1,
        window_from=result.since,
        window_until=result.until,
        sources=[log.source for log in result.logs],
        rows_read=sum(log.rows for log in result.logs),
        rows_broken=sum(log.broken for log in result.logs),
        result={"access": result.model_dump(mode="json")},
        at=decision.now,
        recorded_at=decision.wall,
    )
    decision.session.add(row)
    note(decision, "access_reconstructed", author, outcome_of(row, result))
    return row


def outcome_of(row: Reconstruction, result: Result) -> dict[str, object]:
    """A reconstruction in numbers."""
    return {
        "reconstruction": f"R{row.number}",
        "from": result.since.isoformat(),
        "until": result.until.isoformat(),
        "rows_read": row.rows_read,
        "rows_broken": row.rows_broken,
        "accesses": sum(line.accesses for line in result.clients),
        "clients": len(result.clients),
        "findings": list(result.findings),
    }
