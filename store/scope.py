"""Whose data a reader may see: every read of a client's data goes through a scope."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, col, select

from store.tables import Case, Client, Incident, Responder


@dataclass(frozen=True, slots=True)
class Scope:
    """The references of the clients that may be seen; None means all of them."""

    clients: frozenset[str] | None

    @classmethod
    def whole(cls) -> Self:
        """The scope that sees every client; for the engine itself and unlimited responders."""
        return cls(None)

    @classmethod
    def limited(cls, clients: Iterable[str]) -> Self:
        """The scope that sees these clients and no other; none at all when the list is empty."""
        return cls(frozenset(clients))

    @classmethod
    def of(cls, responder: Responder) -> Self:
        """A responder's scope: the clients named for them, or all when none is named."""
        return cls.limited(responder.clients) if responder.clients else cls.whole()

    def permits(self, client_ref: str) -> bool:
        """Whether this client may be seen."""
        return self.clients is None or client_ref in self.clients

    def cases(self, session: Session, incident: Incident) -> list[Case]:
        """The cases of an incident that may be seen, by reference."""
        statement = select(Case).join(Client).where(Case.incident_id == incident.id).order_by(col(Case.ref))
        if self.clients is not None:
            statement = statement.where(col(Client.ref).in_(self.clients))
        return list(session.exec(statement).all())

    def sees(self, session: Session, incident: Incident) -> bool:
        """Whether the incident itself may be seen: by a limited scope only if one of its cases may."""
        return self.clients is None or bool(self.cases(session, incident))

    def within(self, session: Session, incident: Incident, case_ref: str) -> ColumnElement[bool]:
        """A condition on a `case_ref` column: the incident's own rows and those of cases that may be seen."""
        return col(case_ref).in_(["", *(case.ref for case in self.cases(session, incident))])
