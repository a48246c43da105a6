"""A house with two clients and an open incident about both: a store for commands to read."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from click.testing import Result
from sqlmodel import select
from typer.testing import CliRunner

from flows.advancing import advance
from flows.asserting import assert_facts
from flows.cli.main import app
from flows.clock import wall_now
from flows.deciding import deciding
from flows.exercise.stepping import begin_exercise
from flows.gathering import cases_of
from flows.house import House
from flows.opening import Opening, open_incident
from store.database import Store
from store.tables import Client, ContractTerm, Obligation
from tests.harness.databases import SECRET
from tests.harness.desks import house_on

OURS, THEIRS = "example-retail", "sample-bank"
ZONES = {OURS: "Asia/Manila", THEIRS: "America/New_York"}
TITLE = "Mail of a client's customer was sent to Sample Bank"


@dataclass
class Ward:
    """The house, its incident, and the commands that are typed before it."""

    house: House
    folder: Path
    ref: str

    def states(self, case: str | None, **facts: Any) -> None:
        """State facts of the incident or of one case, and let the plan follow."""
        with deciding(self.house, self.ref) as decision:
            found = next((c for c in cases_of(decision.session, decision.incident_id) if c.ref == case), None)
            assert_facts(decision, facts, author="commander-1", case=found)
            advance(decision)

    def duty(self, rule: str, case: str, **changed: Any) -> None:
        """Change the row of a duty as the engine does when it is met or waived."""
        with self.house.store.deciding(self.ref) as (session, incident):
            row = session.exec(
                select(Obligation).where(
                    Obligation.incident_id == incident.id,
                    Obligation.rule_id == rule,
                    Obligation.case_ref == case,
                )
            ).one()
            for name, value in changed.items():
                setattr(row, name, value)
            session.add(row)

    def run(self, *arguments: str) -> Result:
        """A command with its arguments."""
        env = {
            "SEVENTYTWO_DATA": str(self.folder),
            "SEVENTYTWO_KEY": base64.b64encode(SECRET).decode(),
            "SEVENTYTWO_DATABASE_URL": f"sqlite:///{self.folder / 'store.db'}",
            "SEVENTYTWO_ORGANISATION": "Example Services",
        }
        result = CliRunner().invoke(app, list(arguments), env=env)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    def ok(self, *arguments: str) -> str:
        """What a command shows that must succeed."""
        result = self.run(*arguments)
        assert result.exit_code == 0, result.output
        return result.stdout


def open_ward(store: Store, folder: Path, *, exercise: bool = False) -> Ward:
    """Open the house, and an incident that we became aware of an hour ago, about two clients in the EU."""
    house, wall = house_on(store, folder, SEVENTYTWO_ORGANISATION="Example Services"), wall_now()
    with store.writing() as session:
        drill = begin_exercise(session, "drill", wall, wall) if exercise else None
        for ref, name in ((OURS, "Example Retail Ltd"), (THEIRS, "Sample Bank")):
            client = Client(
                ref=ref, name=name, jurisdictions=["EU"], status=["none"], zone=ZONES[ref], imported_at=wall
            )
            session.add(client)
            session.flush()
            assert client.id is not None
            session.add(
                ContractTerm(client_id=client.id, hours=24, citation="cl. 9", terms={}, imported_at=wall)
            )
        opening = Opening(
            "alert",
            "misdirected-message",
            TITLE,
            clients=(OURS, THEIRS),
            exercise_id=drill.id if drill else None,
        )
        ref = open_incident(session, house, opening, wall).ref
    ward = Ward(house, folder, ref)
    ward.states(None, personal_data=True, aware_at=wall - timedelta(hours=1))
    return ward
