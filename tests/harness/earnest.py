"""A real incident walked without Prefect: notices leave by real senders to stand-ins on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
from sqlmodel import col, select

from flows.answering import Claim, take_answer
from flows.clock import wall_now
from flows.delivery.dispatching import dispatch_notices
from flows.forms import Given
from flows.house import House
from flows.opening import Opening, open_incident
from notify.delivery.parcel import Way
from store.database import Store
from store.tables import Client, Contact, ContractTerm, Delivery, Notice, Question, Responder
from tests.harness.desks import house_on
from tests.harness.law_walks import WORDS, LawWalk, client, ours
from tests.harness.walks import CAST


@dataclass
class Earnest(LawWalk):
    """A real incident: its time is the machine's, moved on by `ahead` where the dispatcher looks."""

    ways: Mapping[str, Way] = field(default_factory=dict)
    ahead: timedelta = timedelta(0)

    @property
    def now(self) -> datetime:
        """The time as the dispatcher sees it."""
        return wall_now() + self.ahead

    def answer(self, about: str, decision: str = "", /, **values: Any) -> str:
        """Answer the open question of that step, kind or case; what was wrong with the answer."""
        return self.give_to(self.asked(about), decision, **values)

    def give_to(self, question: Question, decision: str = "", /, **values: Any) -> str:
        """Answer this question with a code of its own."""
        self.given += 1
        at = wall_now().replace(microsecond=0) + timedelta(seconds=30 * self.given)
        handle = next(h for h, roles in CAST.items() if question.role in roles and h not in question.excluded)
        code = pyotp.TOTP(self.secrets[handle]).at(at)
        reason = values.pop("reason", "r")
        said = self._said(question) | values
        given = Given(handle, code, decision or self._decision(question), reason, said, at)
        take_answer(self.house, Claim(self.ref, question.ref, question.generation, question.attempt), given)
        return self._fault(question)

    def of_case(self, kind: str, case: str) -> Question:
        """The open question of a kind about one case."""
        return next(one for one in self._open() if (one.kind, one.case_ref) == (kind, case))

    def has(self, kind: str, case: str) -> bool:
        return any((one.kind, one.case_ref) == (kind, case) for one in self._open())

    def release(self, case: str) -> Notice:
        """Draft and release the notice of a case; what is then on its way."""
        assert not self.give_to(self.of_case("draft", case), "draft", **WORDS)
        assert not self.give_to(self.of_case("release", case), "approve")
        return self.notice(case)

    def carry(self, **ahead: float) -> int:
        """Let the dispatcher work, as much later as is said; how many attempts it made."""
        self.ahead += timedelta(**ahead)
        return dispatch_notices(self.house, self.ways, lambda: self.now)

    def notice(self, case: str) -> Notice:
        """The latest text for a case."""
        with self.house.store.reading() as session:
            rows = select(Notice).where(Notice.case_ref == case).order_by(col(Notice.id).desc())
            found = session.exec(rows).first()
        assert found is not None
        return found

    def deliveries(self, case: str) -> list[Delivery]:
        """The ways that the notices of a case have gone."""
        with self.house.store.reading() as session:
            rows = (
                select(Delivery)
                .join(Notice, col(Notice.id) == col(Delivery.notice_id))
                .where(Notice.case_ref == case)
                .order_by(col(Delivery.id))
            )
            return list(session.exec(rows))

    def met(self, case: str) -> datetime | None:
        """When the client of a case was told, as its contract counts."""
        return next(one.met_at for one in self.duties() if one.case_ref == case and "CONTRACT" in one.rule_id)

    def open_kinds(self) -> set[str]:
        return {one.kind for one in self._open()}

    def states(self, case: str) -> list[str]:
        return [one.state for one in self.deliveries(case)]


@dataclass(frozen=True)
class Reached:
    """A client of the test: how it is told, first choice first."""

    ref: str
    contacts: tuple[tuple[str, str, str], ...]
    channel: str = ""
    secret: str = ""
    acknowledge_hours: float | None = None
    hours: float = 24


def begin_earnest(
    store: Store, folder: Path, ways: Mapping[str, Way], *clients: Reached, **env: str
) -> Earnest:
    """Open a real incident about these clients and bring it through triage: each is to be told."""
    settings = {"SEVENTYTWO_ORGANISATION": "Example Services", **env}
    walk = begin_incident(house_on(store, folder, **settings), *clients)
    walk.ways = ways
    walk.triage(clients=[one.ref for one in clients], our_role="processor", jurisdictions=["EU"])
    return walk


def begin_incident(house: House, *clients: Reached) -> Earnest:
    """Enrol the cast, record the clients, and open a real incident about them."""
    wall = wall_now()
    secrets = {handle: pyotp.random_base32() for handle in CAST}
    with house.store.writing() as session:
        session.add(ours("EU"))
        for handle, roles in CAST.items():
            session.add(
                Responder(handle=handle, name="", roles=roles, secret=secrets[handle], enrolled_at=wall)
            )
        for one in clients:
            _record(session, one)
    with house.store.writing() as session:
        opening = Opening("alert", "data-exfiltration", "t", clients=tuple(one.ref for one in clients))
        ref = open_incident(session, house, opening, wall_now()).ref
    return Earnest(house, 0, ref, secrets)


def _record(session: Any, one: Reached) -> None:
    row: Client = client(one.ref, "processor", "EU")
    row.portal_secret = one.secret or None
    session.add(row)
    session.flush()
    terms = {"channel": one.channel, "acknowledge_hours": one.acknowledge_hours}
    add = {"client_id": row.id, "imported_at": wall_now()}
    session.add(ContractTerm(hours=one.hours, citation="cl. 9", terms=terms, **add))
    for position, (channel, name, address) in enumerate(one.contacts):
        session.add(Contact(client_id=row.id, position=position, channel=channel, name=name, address=address))
