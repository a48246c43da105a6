"""A claim as JSON, the same for the command that shows it and for the door's dry run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flows.intake.claims import Claim, Understood
from flows.intake.deliveries import KnownSource
from flows.intake.outcomes import Held, Opens, Way, decide_by_rules
from flows.intake.readings import view_of
from playbooks.alerts.rules import AlertRules


def stated(claim: Claim, source: str, kind: str, clients: Sequence[str] = ()) -> dict[str, Any]:
    """What was read of an alert; `source` is empty where nobody said which one sends it."""
    return {
        "source": source,
        "kind": kind,
        "title": claim.title,
        "severity": claim.severity,
        "original_severity": claim.original_severity,
        "status": claim.status,
        "occurred_at": claim.occurred_at.isoformat() if claim.occurred_at else None,
        "fingerprint": claim.fingerprint,
        "category": claim.category,
        "observables": [{"kind": one.kind, "value": one.value} for one in claim.observables],
        "ids": list(claim.ids),
        "data_hints": list(claim.data_hints),
        "client_hints": list(claim.client_hints),
        "clients": list(clients),
        "link": claim.link,
    }


def foretold(
    claims: Sequence[Claim], source: str, kind: str, would: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The answer to a dry run: each alert as it was read, and what would become of it, in the same order."""
    clients = [one.get("clients", ()) for one in would] or [()] * len(claims)
    read = [stated(one, source, kind, refs) for one, refs in zip(claims, clients, strict=True)]
    return {"alerts": read, "would": [dict(one) for one in would]}


def nothing_known(read: Understood, source: KnownSource, rules: AlertRules) -> list[dict[str, Any]]:
    """What each alert would become in a house that knows no other alert, no client and no window."""
    return [_alone(one, source, read.kind, rules) for one in read.claims]


def _alone(claim: Claim, source: KnownSource, kind: str, rules: AlertRules) -> dict[str, Any]:
    view = view_of(claim, source.name, kind, ())
    choice = rules.choose(view, source.playbook)
    grouping = rules.grouping(replace(view, playbook=choice.playbook))
    way = Way(is_candidate=grouping.then == "candidate", threshold=grouping.threshold, why=grouping.why)
    outcome = decide_by_rules(claim, None, way)
    result = "suppressed"
    if isinstance(outcome, Opens):
        result = "candidate" if outcome.as_state == "candidate" else "opened"
    elif isinstance(outcome, Held):
        result = "held"
    return {
        "result": result,
        "why": f"{outcome.why}; {choice.why}" if result in {"opened", "candidate"} else outcome.why,
        "incident": None,
        "playbook": choice.playbook,
        "severity": choice.severity,
        "clients": [],
        "group": None,
    }
