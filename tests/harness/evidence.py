"""A house with a vault, an incident of two clients, and responders whose codes were right."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlmodel import Session, col, select

from flows.evidence import disposing, intake
from flows.evidence.authority import Mandate
from flows.evidence.items import Said
from flows.evidence.vaults import vault_of
from flows.house import House
from flows.identity import new_secret
from flows.settings import Settings
from flows.vouching import Vouched
from playbooks.library import read_playbook
from store import timeline
from store.database import Store
from store.tables import Custody, Evidence, Responder, StepRow
from store.vault import Vault
from tests.harness.incidents import NOW, add_case, open_incident

PLAN = """\
schema_version: 1
id: small
version: "1"
title: A small playbook
neutral_title: Check
kind: small
phases:
  - id: detect
    steps:
      - {id: look, title: Look, kind: manual, role: it, target: 30m, instructions: Look.}
"""
PEOPLE = {
    "commander-1": "commander",
    "forensics-1": "forensics",
    "forensics-2": "forensics",
    "it-1": "it",
    "it-2": "it",
    "privacy-1": "privacy",
}


@dataclass
class Room:
    """What a test does with evidence."""

    house: House
    ref: str
    folder: Path
    counters: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def by(self, *handles: str) -> Mandate:
        """A mandate of these people, whose codes nobody has spent."""
        with self.house.store.reading() as session:
            found = {row.handle: row.id for row in session.exec(select(Responder))}
        vouched = tuple(Vouched(handle, found[handle] or 0, next(self.counters)) for handle in handles)
        return Mandate(vouched, f"test:{next(self.counters)}")

    def file(self, name: str = "list.csv", content: bytes = b"a,b\n1,2\n") -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path

    def add(self, path: Path | None = None, by: str = "it-1", **said: str) -> Evidence:
        """Secure a file."""
        told = Said(said.pop("title", ""), said.pop("origin", ""), **said)  # type: ignore[arg-type]
        return intake.add_file(self.house, self.ref, path or self.file(), told, self.by(by))

    def dispose(self, *names: str) -> None:
        disposing.dispose(self.house, self.ref, names, "retention is over", self.by("privacy-1", "it-1"))
        disposing.tidy(self.house)

    @property
    def vault(self) -> Vault:
        return vault_of(self.house)

    def items(self) -> list[Evidence]:
        with self.house.store.reading() as session:
            return list(session.exec(select(Evidence).order_by(col(Evidence.number))))

    def item(self, number: int = 1) -> Evidence:
        return self.items()[number - 1]

    def custody(self, number: int = 1) -> list[Custody]:
        with self.house.store.reading() as session:
            of = select(Custody).where(Custody.evidence_id == self.item_id(session, number))
            return list(session.exec(of.order_by(col(Custody.seq))))

    def item_id(self, session: Session, number: int) -> int:
        return session.exec(select(Evidence.id).where(Evidence.number == number)).one() or 0

    def kinds(self) -> list[str]:
        """What the timeline of the incident has."""
        with self.house.store.reading() as session:
            return [entry.kind for entry in timeline.entries(session, self.ref)]

    def in_vault(self) -> list[Path]:
        """Every file of a vault in a folder."""
        root = Path(self.vault.root)
        return sorted(path for path in root.rglob("*") if path.is_file())


def room_on(store: Store, folder: Path, **env: str) -> Room:
    """A furnished room over an open store; files of its own lie in `folder`."""
    settings = Settings.from_env({"SEVENTYTWO_DATA": str(folder / "data"), **env})
    ref = open_incident(store)
    add_case(store, ref, "client-7", "A")
    add_case(store, ref, "client-8", "B")
    with store.deciding(ref) as (session, incident):
        incident.plan = read_playbook(PLAN, "small.yaml").pinned()
        session.add(incident)
        session.add(StepRow(incident_id=incident.id, step_id="look", state="open", opened_at=NOW))
        for handle, role in PEOPLE.items():
            enrol(session, handle, [role])
        enrol(session, "lead-a", ["client_lead"], ["client-7"])
    return Room(House(settings, store), ref, folder)


def enrol(session: Session, handle: str, roles: Sequence[str], clients: Sequence[str] = ()) -> None:
    session.add(
        Responder(
            handle=handle, name=f"Test {handle}", roles=list(roles), clients=list(clients),
            secret=new_secret(), enrolled_at=NOW,
        )
    )  # fmt: skip
