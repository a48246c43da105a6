"""A script: what scripted responders answer where there is no scenario, as the demo has it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from sqlmodel import select

from flows.house import House
from playbooks.documents import read_document, validated
from playbooks.exercises.part import Part, script_of
from playbooks.exercises.scenario import Answer
from playbooks.fact_types import Frozen
from playbooks.wording import Slug
from store.tables import Incident


class _Script(Frozen):
    answers: Mapping[Slug, Answer]


def read_script(path: Path, start: datetime) -> Part:
    """What a good team answers by a YAML file, in an exercise begun at `start`; raises FileFaults."""
    return script_of(validated(_Script, read_document(path.read_bytes(), path.name)).answers, start)


def find_incident(house: House, ref: str) -> Incident:
    """The incident of that reference as it stands."""
    with house.store.reading() as session:
        return session.exec(select(Incident).where(Incident.ref == ref)).one()
