"""Rosters for tests: a house with people, and who of them is on duty when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from sqlmodel import col, select

from flows.house import House
from flows.identity import CODE_PERIOD
from flows.opening import Opening, open_incident
from flows.roster.importing import import_roster
from playbooks.roster.models import read_roster_file
from store.database import Store
from store.tables import Client, Message, Responder
from tests.harness.desks import house_on

PEOPLE: Mapping[str, Sequence[str]] = {
    "ana": ("commander", "approver"),
    "bo": ("commander",),
    "cy": ("it",),
    "di": ("it", "privacy"),
    "eve": ("approver",),
}
SLACK = {"ana": "U0ANA0001", "bo": "U0BO00001", "cy": "U0CY00001"}
"""The member ids of those who have one."""
DAY_AND_NIGHT = (
    {"role": "commander", "from": "08:00", "until": "20:00", "people": ["ana", "bo"]},
    {"role": "commander", "from": "20:00", "until": "08:00", "people": ["bo", "ana"]},
    {"role": "it", "from": "00:00", "until": "24:00", "people": ["cy", "di"]},
)


def shifts(*said: Mapping[str, Any], **more: Any) -> str:
    """A roster file in UTC."""
    return yaml.safe_dump({"zone": "UTC", "shifts": [dict(one) for one in said], **more})


def furnish(
    store: Store, folder: Path, at: datetime, *clients: tuple[str, str], roster: str = "", **env: str
) -> House:
    """A house with people, clients (reference and channel) and, where it is given, a roster in force."""
    house = house_on(store, folder, SEVENTYTWO_CHANNEL="#house", **env)
    with store.writing() as session:
        for handle, roles in PEOPLE.items():
            session.add(
                Responder(
                    handle=handle,
                    name=f"Test {handle}",
                    roles=list(roles),
                    secret="A" * 32,
                    code_period=CODE_PERIOD,
                    slack_id=SLACK.get(handle, ""),
                    enrolled_at=at,
                )
            )
        for ref, channel in clients:
            session.add(
                Client(
                    ref=ref,
                    name=f"{ref.title()} Incorporated",
                    our_role="processor",
                    jurisdictions=["EU"],
                    status=["none"],
                    channel=channel,
                    imported_at=at,
                )
            )
    if roster:
        put_in_force(store, roster, at)
    return house


def put_in_force(store: Store, roster: str, at: datetime) -> int | None:
    """Import a roster."""
    with store.writing() as session:
        return import_roster(session, read_roster_file(roster, "roster.yaml"), "ana", at)


def begin(
    house: House,
    at: datetime,
    *clients: str,
    playbook: str = "misdirected-message",
    exercise_id: int | None = None,
) -> str:
    """An incident about these clients, opened at an instant; its reference."""
    with house.store.writing() as session:
        opening = Opening("alert", playbook, "t", clients=clients, exercise_id=exercise_id)
        return open_incident(session, house, opening, at).ref


def said(store: Store, kind: str) -> list[Message]:
    """The messages of a kind, in the order they were queued."""
    with store.reading() as session:
        return list(session.exec(select(Message).where(Message.kind == kind).order_by(col(Message.id))))
