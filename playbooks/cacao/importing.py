"""A CACAO 2.0 document as a playbook of ours, with the account of what was kept, changed and refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from playbooks.cacao.foreign_text import line, slug_of
from playbooks.cacao.frame import framed
from playbooks.cacao.graph import flow_of
from playbooks.cacao.own import restored, tell_what_runs
from playbooks.cacao.plan_in import Reader
from playbooks.cacao.properties_in import properties
from playbooks.cacao.reading import check_shape, read_json
from playbooks.cacao.report import Report
from playbooks.cacao.steps_in import Surroundings
from playbooks.cacao.yaml_out import yaml_text
from playbooks.errors import FileFaults
from playbooks.includes import Shelf
from playbooks.library import read_playbook
from playbooks.models import Playbook


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a document: the account, and the playbook with its file's text unless it was refused."""

    report: Report
    playbook: Playbook | None = None
    text: str = ""


def imported(
    raw: bytes, *, slug: str = "", known: Mapping[str, Playbook] | None = None, shelf: Shelf | None = None
) -> Imported:
    """Return a document as a playbook of ours; never raises for what the document holds.

    `slug` is the id to give it, `known` are the playbooks it may refer to, `shelf` what it may take in.
    """
    report = Report()
    document = read_json(raw, report)
    if document is not None:
        check_shape(document, report)
    if document is None or report.wrong:
        return Imported(report)
    slug = slug_of(slug, 60)
    if (text := restored(document, slug, shelf, report)) is not None:
        plan = read_playbook(text, "the document", shelf)
        report.kept("", "everything, by the extension of Seventytwo; who wrote it is not verified")
        tell_what_runs(document["workflow"], plan, report)
        return Imported(report, plan, text)
    return _foreign(document, slug, known or {}, shelf, report)


def _foreign(
    document: dict[str, Any], slug: str, known: Mapping[str, Playbook], shelf: Shelf | None, report: Report
) -> Imported:
    said = properties(document, slug, report)
    flow = flow_of(document, report)
    phases = {} if report.wrong else Reader(flow, Surroundings(document, report, known)).phases()
    if report.wrong:
        return Imported(report)
    data = {**said, "phases": framed(phases, report)}
    text = yaml_text(data, (f"Imported from {_cited(document)}: read every step before you rely on it.",))
    try:
        return Imported(report, read_playbook(text, f"{data['id']}.yaml", shelf), text)
    except FileFaults as error:
        for fault in error.faults:
            report.fault(
                "/workflow", f"no playbook of ours: {line(fault.what)}", line(fault.mend) or "mend it"
            )
        return Imported(report)


def _cited(document: Mapping[str, Any]) -> str:
    return re.sub(r"[^A-Za-z0-9-]", "", document["id"])[:80] or "a CACAO playbook"
