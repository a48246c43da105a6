"""What the data map does not say, or says of nobody: to be mended, and never in the way. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

NO_SYSTEM: Final = "no system holds data of this client: an incident's scope will not name it"
NO_CLIENT: Final = "it names no client: nobody knows whose data it holds"
NO_OWNER: Final = "it has no owner: nobody is asked for its logs"
NO_RETENTION: Final = "no retention is stated: how far back its data go is unknown"
NO_LOG: Final = "no access log covers it: who touched its data cannot be established"
UNDEFINED_LOG: Final = "its access log is not defined in any folder of SEVENTYTWO_ACCESS_LOGS"
NO_CATEGORIES: Final = "which categories of data it holds is unknown"


@dataclass(frozen=True, slots=True)
class SystemView:
    """What of a system findings are made of."""

    ref: str
    owner: str
    clients: tuple[str, ...]
    categories: tuple[str, ...]
    retention: str
    log_source: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is missing or unclear, in words, and the system or client it is about."""

    about: str
    what: str


def findings(
    systems: Iterable[SystemView], clients: Collection[str], log_sources: Collection[str]
) -> tuple[Finding, ...]:
    """What is missing, where these are all systems, all clients and all access logs that are defined."""
    listed = tuple(systems)
    named = {ref for system in listed for ref in system.clients}
    return (
        *(Finding(ref, NO_SYSTEM) for ref in sorted(set(clients) - named)),
        *(Finding(one.ref, what) for one in listed for what in _missing(one, clients, log_sources)),
        *_shared_logs(listed),
    )


def together(found: Iterable[Finding]) -> dict[str, tuple[str, ...]]:
    """The same findings by their words: each once, with whom and what it is about."""
    about: dict[str, tuple[str, ...]] = {}
    for finding in found:
        about[finding.what] = (*about.get(finding.what, ()), finding.about)
    return about


def _missing(system: SystemView, clients: Collection[str], log_sources: Collection[str]) -> Iterator[str]:
    if not system.clients:
        yield NO_CLIENT
    yield from (
        f"it names {ref}, and there is no such client" for ref in system.clients if ref not in clients
    )
    if not system.owner:
        yield NO_OWNER
    if not system.categories or "unknown" in system.categories:
        yield NO_CATEGORIES
    if not system.retention:
        yield NO_RETENTION
    if not system.log_source:
        yield NO_LOG
    elif system.log_source not in log_sources:
        yield UNDEFINED_LOG


def _shared_logs(systems: Sequence[SystemView]) -> Iterator[Finding]:
    by_log: dict[str, list[str]] = {}
    for system in systems:
        if system.log_source:
            by_log.setdefault(system.log_source, []).append(system.ref)
    for log, refs in by_log.items():
        if len(refs) > 1:
            what = f"they share the access log {log}: it must say in which of them a record was touched"
            yield from (Finding(ref, what) for ref in refs)
