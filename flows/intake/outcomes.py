"""What becomes of one claim: opened, joined or suppressed. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from flows.intake.claims import Claim, Severity, Status


@dataclass(frozen=True, slots=True)
class Known:
    """The alert as it stood before this claim, and the incident that holds it."""

    status: Status
    content: str
    severity: Severity
    incident: str
    incident_is_open: bool


@dataclass(frozen=True, slots=True)
class Opens:
    """A new incident is to be opened; `previous` is the closed one that it cites, or empty."""

    why: str
    previous: str = ""


@dataclass(frozen=True, slots=True)
class Joins:
    """The claim is news about an incident that is open; `changed` where its state or severity moved."""

    why: str
    incident: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Suppressed:
    """The claim says nothing new; `incident` is the one it belongs to, or empty."""

    why: str
    incident: str = ""


Outcome = Opens | Joins | Suppressed


def decide(claim: Claim, known: Known | None) -> Outcome:
    """What this claim does, given what is known of its fingerprint (None: never seen, or no incident yet)."""
    if known is None:
        if claim.status == "resolved":
            return Suppressed("a resolve with nothing open")
        return Opens("first alert of this fingerprint")
    if not known.incident_is_open:
        if claim.status == "resolved":
            return Suppressed("a resolve with nothing open", known.incident)
        return Opens(f"the alert is back after {known.incident} closed", known.incident)
    if claim.content == known.content:
        return Suppressed(f"identical to what {known.incident} already holds", known.incident)
    changed = (claim.status, claim.severity) != (known.status, known.severity)
    return Joins(f"same fingerprint as {known.incident}, which is open", known.incident, changed)
