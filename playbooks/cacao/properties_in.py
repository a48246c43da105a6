"""What a foreign document says of itself: names, dates, markings, sources, and what has no place here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from playbooks.cacao.foreign_text import line, slug_of, words
from playbooks.cacao.report import Report, pointer
from playbooks.cacao.vocabulary import TLP_LEVELS
from playbooks.wording import REGIMES, TLP, Tlp

_LINK: Final = re.compile(r"https://[!#-;=?-~]{1,290}", re.ASCII)
_DAY: Final = re.compile(
    r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])(?=T)|\d{4}-\d{2}-\d{2}(?=T)", re.ASCII
)
_LEVELS: Final[Mapping[str, Tlp]] = {level: ours for ours, (level, _) in TLP_LEVELS.items()}
_MARKINGS: Final[Mapping[str, Tlp]] = {marking: ours for ours, (_, marking) in TLP_LEVELS.items()}
_TOLD_ELSEWHERE: Final = frozenset(("markings", "labels", "valid_from", "valid_until", "external_references"))
_KEPT: Final[Mapping[str, str]] = {
    "type": "",
    "spec_version": "",
    "id": "in the summary",
    "name": "the title",
    "description": "in the summary",
    "modified": "in the summary",
    "workflow_start": "as the order of steps",
    "workflow": "step by step, see each",
    "data_marking_definitions": "as far as `markings` names them",
}
_NAMED: Final = "roles by phase; names in the instructions, no person, no address, no contact"
_CHANGED: Final[Mapping[str, str]] = {
    "playbook_activities": "phases follow each step's own activity and name",
    "playbook_variables": "told in the steps that name them; facts of ours become conditions and fields",
    "agent_definitions": _NAMED,
    "target_definitions": _NAMED,
    "workflow_exception": "steps of it are to be done only if the playbook fails; else the order ends",
}
_SEVERITY: Final = "an incident has its severity, not its playbook"
_ELSEWHERE: Final = "it names what stands outside this document"
_REFUSED: Final[Mapping[str, str]] = {
    "playbook_types": "a playbook of ours is known by its phases",
    "playbook_processing_summary": "a summary of what the steps say anyway",
    **dict.fromkeys(("created_by", "derived_from", "related_to"), _ELSEWHERE),
    **dict.fromkeys(("priority", "severity", "impact"), _SEVERITY),
    **dict.fromkeys(("created", "industry_sectors"), "no place for it here"),
    "extension_definitions": "extensions are not read here",
    "signatures": "not verified: trust in this playbook is yours to establish",
}
_REFUSED_EACH: Final[Mapping[str, str]] = {
    "authentication_info_definitions": "secrets are never kept; dropped",
    "playbook_extensions": "an extension that is not read here",
}
_REVOKED: Final = "Its author had revoked it when it was imported."


def properties(document: Mapping[str, Any], slug: str, report: Report) -> dict[str, Any]:
    """Return the keys of the playbook before its phases; what became of every property is noted."""
    own_id = slug or slug_of(document["name"], 60) or "imported-playbook"
    days = _days(document, report)
    found = {
        "schema_version": 1,
        "id": own_id,
        "version": "1",
        "title": line(document["name"]) or "Imported playbook",
        "neutral_title": "Imported playbook",
        "kind": own_id,
        "summary": _summary(document),
        "tlp": _tlp(document, report),
        "regimes": _regimes(document, report),
        **days,
        "revoked": _REVOKED if document.get("revoked") else None,
        "sources": _sources(document, report),
    }
    _tell(document, report)
    return {key: value for key, value in found.items() if value is not None and value != []}


def _summary(document: Mapping[str, Any]) -> str:
    said = words(document.get("description", ""), 3_000)
    cited = f"Imported from the CACAO playbook {line(document['id'], 100)}, last changed"
    return "\n\n".join(
        filter(None, (said, f"{cited} {line(document.get('modified', 'at an unknown time'), 40)}."))
    )


def _tlp(document: Mapping[str, Any], report: Report) -> Tlp:
    """The strictest marking the document names; one that is not read counts as amber, and so does none."""
    defined = document.get("data_marking_definitions", {})
    levels: list[Tlp] = []
    for at, marking in enumerate(document.get("markings", ())):
        definition = defined.get(marking)
        said = definition.get("tlpv2_level") if isinstance(definition, dict) else None
        level = _LEVELS.get(said) if isinstance(said, str) else _MARKINGS.get(marking)
        if level is None:
            what = "no TLP marking, taken as amber at least; read it in the document and keep to it"
            report.refused(pointer("markings", at), what)
        else:
            report.kept(pointer("markings", at), f"`tlp: {level}`")
        levels.append(level or "amber")
    if not levels:
        report.changed("/markings", "none that is read: `tlp: amber`")
    return max(levels, key=TLP.index, default="amber")


def _regimes(document: Mapping[str, Any], report: Report) -> Sequence[str]:
    labels = document.get("labels", [])
    found = [label for label in dict.fromkeys(labels) if label in REGIMES]
    if labels:
        report.changed("/labels", f"those that are regimes: {', '.join(found) or 'none'}")
    return found


def _days(document: Mapping[str, Any], report: Report) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in ("valid_from", "valid_until"):
        if name not in document:
            continue
        day = _day(document[name])
        if day is None:
            report.refused(f"/{name}", "no instant of RFC 3339")
        else:
            report.changed(f"/{name}", f"its day in UTC: {day}")
            found[name] = day
    if len(found) == 2 and found["valid_until"] < found["valid_from"]:
        report.refused(
            "/valid_until", "it lies before `valid_from`; the playbook is taken as never valid after"
        )
        found["valid_until"] = found["valid_from"]
    return found


def _day(text: str) -> str | None:
    try:
        return date.fromisoformat(text[:10]).isoformat() if _DAY.match(text) else None
    except ValueError:
        return None


def _sources(document: Mapping[str, Any], report: Report) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for at, given in enumerate(document.get("external_references", ())):
        place = pointer("external_references", at)
        texts = {key: value for key, value in given.items() if isinstance(value, str)}
        name = line(texts.get("name", ""))
        if not name or len(found) == 30:
            report.refused(place, "it has no name" if not name else "more than 30 sources")
            continue
        cited = texts.get("description") or texts.get("source") or texts.get("external_id") or ""
        one = {"name": name, "locator": line(cited) or "as the imported playbook cites it"}
        url = texts.get("url", "")
        if _LINK.fullmatch(url):
            one["link"] = url
        if url and "link" not in one:
            report.changed(place, "without its link, which is not plain https")
        else:
            report.kept(place)
        found.append(one)
    return found


def _tell(document: Mapping[str, Any], report: Report) -> None:
    for name, value in document.items():
        place = pointer(line(name, 100))
        if name in _KEPT:
            report.kept(place, _KEPT[name])
        elif name == "revoked":
            report.kept(place, "imported as revoked" if value else "")
        elif name in _CHANGED:
            report.changed(place, _CHANGED[name])
        elif name in _REFUSED_EACH:
            for one in value:
                report.refused(place + pointer(line(one, 100)), _REFUSED_EACH[name])
        elif name not in _TOLD_ELSEWHERE:
            report.refused(place, _REFUSED.get(name, "no property of CACAO 2.0"))
