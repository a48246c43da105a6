"""One reader looking at one incident."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from store.scope import Scope
from store.tables import Incident, Responder


@dataclass(frozen=True, slots=True)
class Look:
    """One reader's look at one incident at one moment of its time."""

    session: Session
    incident: Incident
    reader: Responder
    now: datetime

    @property
    def scope(self) -> Scope:
        """What the reader may see."""
        return Scope.of(self.reader)

    @property
    def limited(self) -> bool:
        """Whether the reader sees some clients only."""
        return self.scope.clients is not None
