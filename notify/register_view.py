"""The register of breaches (GDPR art 33(5)) as plain values; what is rendered adds nothing of its own.

Clients stand by reference, responders by handle. All instants are incident time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """One breach in one client's case, or of the incident as a whole while no client is known."""

    incident: str
    case_ref: str
    client: str
    our_role: str
    state: str
    occurred_at: str
    detected_at: str
    aware_at: str
    closed_at: datetime | None
    nature: tuple[str, ...]
    data: str
    people: str
    records: str
    places: str
    effects: tuple[str, ...]
    measures: tuple[str, ...]
    told: tuple[str, ...]
    not_told: tuple[str, ...]
    still_due: tuple[str, ...]
    proof: str

    @property
    def ref(self) -> str:
        """The incident, and the case within it."""
        return f"{self.incident}/{self.case_ref}" if self.case_ref else self.incident


@dataclass(frozen=True, slots=True)
class Register:
    """Every breach of a time, as far as a reader may see; `left_out` says which incidents are none."""

    organisation: str
    clients: tuple[str, ...]
    since: date | None
    until: date | None
    made_at: datetime
    lines: tuple[RegisterLine, ...]
    left_out: tuple[str, ...]
