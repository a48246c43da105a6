"""The `sentinel` source: Microsoft Sentinel's incidents and alerts, as automation and its tables send them.

https://learn.microsoft.com/rest/api/securityinsights/incidents/get
https://learn.microsoft.com/azure/sentinel/security-alert-schema
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.hinting import clients_named, data_hints, prefixed
from flows.intake.adapters.microsoft import Path, batch, first, in_entities, sorted_as, status_of
from flows.intake.adapters.picking import at, word
from flows.intake.adapters.reading import utc_instant
from flows.intake.adapters.shapes import must_be_object, wrong_field
from flows.intake.adapters.spotting import every, in_camel_case, inner, must_say, named
from flows.intake.claims import Claim, claim, on_scale

_TYPES = frozenset(
    {"microsoft.securityinsights/incidents", "microsoft.security/locations/alerts"}
    | {"microsoft.securityinsights/entities", "securityalert", "securityincident"}
)
_PARTS = ("microsoft.securityinsights/", "microsoft.security/")
_TITLES = ("title", "alertDisplayName", "displayName", "alertName")
_IDS = ("systemAlertId", "incidentName", "vendorOriginalId", "incidentNumber")
_TIMES = (
    "firstActivityTimeUtc", "firstActivityTime", "startTimeUtc", "startTime", "createdTimeUtc",
    "createdTime", "timeGeneratedUtc", "timeGenerated",
)  # fmt: skip
_LINKS = ("incidentUrl", "alertUri", "alertLink")
_TENANTS = ("tenantId", "workspaceSubscriptionId", "subscriptionId")
_SUBSCRIPTION = re.compile(r"(?i)^/subscriptions/([0-9a-f-]{36})(?:/|$)")


def read(body: Any) -> tuple[Claim, ...]:
    """The claims of an incident or alert, of an automation's call, or of a list of them."""
    return tuple(_claim(must_be_object(one, path), path) for one, path in batch(body))


def _claim(body: dict[str, Any], path: Path) -> Claim:
    stated = in_camel_case(body.get("object", body))
    about = stated["properties"] if isinstance(at(stated, "properties"), dict) else stated
    kind = word(stated, "type").lower()
    if kind.startswith(_PARTS) and kind not in _TYPES:
        raise wrong_field((*path, "type"), "an incident or an alert is wanted")
    place = (*path, *(("properties",) if about is not stated else ()))
    title, severity = must_say(about, place, *_TITLES), word(about, "severity", "alertSeverity")
    own_id = word(about, *_IDS[:1]) or word(stated, "id") or must_say(about, place, *_IDS)
    labels = named(about, "labels.*.labelName")
    tactics = named(about, "tactics", "additionalData.tactics")
    return claim(
        own_id.lower(),
        status=status_of(word(about, "status")),
        severity=on_scale(severity or "medium"),
        original_severity=severity,
        title=title,
        payload=body,
        occurred_at=utc_instant(about, *_TIMES),
        category=sorted_as(title, (*tactics, word(about, "productName"))),
        observables=in_entities(_entities(about)),
        ids=(own_id, word(about, "incidentNumber"), word(about, "vendorOriginalId"), word(stated, "name")),
        data_hints=data_hints(title, *labels) if _speaks_of_data(about) else data_hints(*labels),
        client_hints=(*_whose(stated, about), *clients_named(list(labels))),
        link=next((link for name in _LINKS if (link := word(about, name)).startswith("http")), ""),
    )


def _speaks_of_data(about: dict[str, Any]) -> bool:
    products = named(about, "productName", "productComponentName", "additionalData.alertProductNames")
    return any("loss prevention" in one.lower() or "purview" in one.lower() for one in products)


def _entities(about: dict[str, Any]) -> Iterator[Any]:
    """Entities of the alert, which its table keeps as text, and of an incident's own and its alerts."""
    for found in (inner(about, "entities"), at(about, "relatedEntities")):
        yield from found if isinstance(found, list) else ()
    yield from every(about, "alerts.*.properties.entities.*")


def _whose(stated: dict[str, Any], about: dict[str, Any]) -> tuple[str, ...]:
    paths = named(stated, "id", "resourceId", "properties.azureResourceId", "properties.resourceId")
    subscriptions = (found[1].lower() for one in paths if (found := _SUBSCRIPTION.match(one)))
    return prefixed(
        "azure", *subscriptions, *(word(one, name) for one in (stated, about) for name in _TENANTS)
    )


def _recognises(body: Any) -> bool:
    stated = first(body)
    about = stated.get("object", stated)
    kind = str(about.get("type", about.get("Type", ""))).lower() if isinstance(about, dict) else ""
    return (
        kind in _TYPES
        or kind.startswith("microsoft.securityinsights/")
        or {"SystemAlertId", "AlertSeverity"} <= stated.keys()
        or {"IncidentNumber", "IncidentName"} <= stated.keys()
    )


ADAPTER = Adapter(
    kind="sentinel",
    product="Microsoft Sentinel",
    docs="https://learn.microsoft.com/azure/sentinel/security-alert-schema",
    recognises=_recognises,
    read=read,
    severity="High, Medium, Low, Informational by its word",
    same_alert="same incident, or same system alert id",
    auth="bearer",
)
