"""The scope that a reconstruction and the data map suggest: proposed with its confidence, never asserted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal, TypeAlias

from playbooks.fact_types import Frozen, Range
from playbooks.forensics.result import ClientLine, LogLine, Result

Confidence: TypeAlias = Literal["high", "medium", "low"]

BROKEN_MATTERS: Final = 0.01
"""The share of unreadable rows from which a count deserves little confidence."""

SHOWN_STRANGERS: Final = 10


class MappedSystem(Frozen):
    """A system as the data map has it."""

    ref: str
    clients: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    jurisdictions: tuple[str, ...] = ()
    log_source: str = ""


class House(Frozen):
    """What is known of the house: its data map, its clients, and whose cases the incident has already."""

    systems: tuple[MappedSystem, ...] = ()
    clients: tuple[str, ...] = ()
    cases: Mapping[str, str] = {}
    """Case letters by client."""


class ClientScope(Frozen):
    """What is proposed for one client, and how sure it is."""

    client: str
    case: str
    is_known: bool
    systems: tuple[str, ...]
    categories: tuple[str, ...]
    jurisdictions: tuple[str, ...]
    accesses: int
    records: Range
    first: datetime
    last: datetime
    confidence: Confidence
    why: tuple[str, ...]


class Proposal(Frozen):
    """The proposed scope: every number comes from the reconstruction of that number, or from the data map."""

    reconstruction: int
    clients: tuple[ClientScope, ...]
    categories: tuple[str, ...]
    jurisdictions: tuple[str, ...]
    records: Range | None
    first: datetime | None
    last: datetime | None
    confidence: Confidence
    findings: tuple[str, ...]

    @property
    def new_clients(self) -> tuple[str, ...]:
        """Clients of ours whose records were touched and who are no case yet."""
        return tuple(one.client for one in self.clients if one.is_known and not one.case)


def propose(number: int, result: Result, house: House) -> Proposal:
    """What the reconstruction of that number suggests."""
    mapped = {system.ref: system for system in house.systems}
    clients = tuple(_client_scope(line, result, house, mapped) for line in result.clients)
    known = [one for one in clients if one.client]
    levels = [one.confidence for one in clients] or ["low"]
    return Proposal(
        reconstruction=number,
        clients=clients,
        categories=_joined(one.categories for one in known),
        jurisdictions=_joined(one.jurisdictions for one in known),
        records=_sum([one.records for one in clients]),
        first=min((one.first for one in clients), default=None),
        last=max((one.last for one in clients), default=None),
        confidence=min(levels, key=["low", "medium", "high"].index),
        findings=(*result.findings, *_findings(result, house, mapped)),
    )


def _client_scope(
    line: ClientLine, result: Result, house: House, mapped: Mapping[str, MappedSystem]
) -> ClientScope:
    held = [mapped[ref] for ref in line.systems if ref in mapped]
    confidence, why = _confidence(line, result, mapped)
    return ClientScope(
        client=line.client,
        case=house.cases.get(line.client, ""),
        is_known=line.client in house.clients,
        systems=line.systems,
        categories=_joined(system.categories for system in held),
        jurisdictions=_joined(system.jurisdictions for system in held),
        accesses=line.accesses,
        records=line.records,
        first=line.first,
        last=line.last,
        confidence=confidence,
        why=why,
    )


def _confidence(
    line: ClientLine, result: Result, mapped: Mapping[str, MappedSystem]
) -> tuple[Confidence, tuple[str, ...]]:
    """How sure a client's numbers are: what makes them doubtful, the worst of it first."""
    logs = [
        log for log in result.logs if log.system in line.systems or _may_hold(line.client, log.system, mapped)
    ]
    grave = [why for log in logs for why in _grave(log)]
    unlogged = _unlogged(line.client, result, mapped)
    grave += [f"no log of {ref}, which holds this client's data" for ref in unlogged]
    if not line.is_exact:
        grave.append("too many records to be told apart")
    slight = [why for log in logs for why in _slight(log)]
    if line.unnamed_rows:
        slight.append("rows that count records without naming them")
    if grave:
        return "low", (*grave, *slight)
    if slight:
        return "medium", tuple(slight)
    return "high", ("every record is named, and the log has neither gaps nor unreadable rows",)


def _may_hold(client: str, system: str, mapped: Mapping[str, MappedSystem]) -> bool:
    """Whether a client's data may lie in a system, as far as the data map tells."""
    return system not in mapped or client in mapped[system].clients


def _grave(log: LogLine) -> Iterator[str]:
    if log.gaps_in_all or not log.in_window:
        yield f"gaps in {log.source}"
    if log.missing:
        yield f"parts of {log.source} were not read"
    if log.broken and log.broken >= BROKEN_MATTERS * log.rows:
        yield f"{log.broken / log.rows:.0%} of {log.source} cannot be read"


def _slight(log: LogLine) -> Iterator[str]:
    if log.broken and log.broken < BROKEN_MATTERS * log.rows:
        yield f"a few rows of {log.source} cannot be read"
    if log.is_mixed or log.naive:
        yield f"times in {log.source} whose zone was taken for granted"


def _unlogged(client: str, result: Result, mapped: Mapping[str, MappedSystem]) -> list[str]:
    """Systems that hold a client's data and of which no log was read."""
    read = {log.system for log in result.logs}
    return [ref for ref, system in sorted(mapped.items()) if client in system.clients and ref not in read]


def _findings(result: Result, house: House, mapped: Mapping[str, MappedSystem]) -> Iterator[str]:
    """What stays unknown, and where the records contradict the data map."""
    if not house.systems:
        yield "there is no data map: categories, jurisdictions and systems without a log are unknown"
    for ref in sorted({log.system for log in result.logs} - mapped.keys() if house.systems else ()):
        yield f"the data map does not know the system {ref}"
    if strangers := [one.client for one in result.clients if one.client and one.client not in house.clients]:
        named = ", ".join(strangers[:SHOWN_STRANGERS])
        more = f" and {len(strangers) - SHOWN_STRANGERS:,} more" if len(strangers) > SHOWN_STRANGERS else ""
        yield f"no client on record, though the log names them: {named}{more}"
    for line in result.clients:
        yield from _client_findings(line, house, mapped)
    read = {log.system for log in result.logs}
    for system in house.systems:
        if not system.log_source and system.ref not in read:
            yield f"the data map names no access log of {system.ref}: what happened there is unknown"
    concerned = set(house.cases) | {line.client for line in result.clients}
    for client in sorted(concerned & set(house.clients)):
        for ref in _unlogged(client, result, mapped):
            yield f"no log of {ref} was read, which holds data of {client}"


def _client_findings(line: ClientLine, house: House, mapped: Mapping[str, MappedSystem]) -> Iterator[str]:
    if not line.client:
        yield f"{line.accesses:,} accesses name no client: whose records they touched is unknown"
        return
    if line.client not in house.clients:
        return
    if line.client not in house.cases:
        yield f"records of {line.client} were touched, and it is no case of this incident yet"
    for ref in line.systems:
        if ref in mapped and line.client not in mapped[ref].clients:
            yield f"records of {line.client} lie in {ref}, of which the data map does not know"


def _joined(parts: Iterator[Sequence[str]]) -> tuple[str, ...]:
    return tuple(sorted({word for part in parts for word in part}))


def _sum(ranges: Sequence[Range]) -> Range | None:
    if not ranges:
        return None
    highs = [one.high for one in ranges if one.high is not None]
    return Range(low=sum(one.low for one in ranges), high=sum(highs) if len(highs) == len(ranges) else None)
