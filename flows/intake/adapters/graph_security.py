"""The `graph-security` source: Microsoft Graph's security alerts (v2 and the legacy v1) and incidents.

https://learn.microsoft.com/graph/api/resources/security-alert
https://learn.microsoft.com/graph/api/resources/alert
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.hinting import data_hints, prefixed
from flows.intake.adapters.microsoft import Path, batch, first, in_entities, sorted_as, status_of
from flows.intake.adapters.picking import word
from flows.intake.adapters.reading import utc_instant
from flows.intake.adapters.shapes import must_be_object
from flows.intake.adapters.spotting import every, must_say, named
from flows.intake.claims import Claim, claim, on_scale

_TYPE = "#microsoft.graph.security."
_ENTITIES = (
    "evidence.*", "alerts.*.evidence.*", "hostStates.*", "networkConnections.*",
)  # fmt: skip
_STATES = (("userStates.*", "user"), ("fileStates.*", "file"), ("processes.*", "process"))
"""Where v1 puts people, files and processes, and what sort of entity each is."""

_LINKS = ("alertWebUrl", "incidentWebUrl", "sourceMaterials.0")


def read(body: Any) -> tuple[Claim, ...]:
    """The claims of an alert, an incident, or the API's list of them."""
    return tuple(_claim(must_be_object(one, path), path) for one, path in batch(body))


def _claim(alert: dict[str, Any], path: Path) -> Claim:
    own_id, title = must_say(alert, path, "id"), must_say(alert, path, "title", "displayName")
    severity, sorts = word(alert, "severity"), named(alert, "category", "alerts.*.category")
    ids = (own_id, word(alert, "providerAlertId"), word(alert, "incidentId"))
    return claim(
        own_id,
        status=status_of(word(alert, "status")),
        severity=on_scale(severity or "medium"),
        original_severity=severity,
        title=title,
        payload=alert,
        occurred_at=utc_instant(alert, "firstActivityDateTime", "eventDateTime", "createdDateTime"),
        category=sorted_as(title, sorts),
        observables=in_entities(_entities(alert)),
        ids=ids,
        data_hints=data_hints(title) if "LossPrevention" in word(alert, "serviceSource") else (),
        client_hints=_whose(alert),
        link=word(alert, *_LINKS),
    )


def _entities(alert: dict[str, Any]) -> Iterator[Any]:
    for path in _ENTITIES:
        yield from every(alert, path)
    for path, kind in _STATES:
        yield from ({"type": kind} | one for one in every(alert, path) if isinstance(one, dict))


def _whose(alert: dict[str, Any]) -> tuple[str, ...]:
    subscriptions = named(alert, "azureSubscriptionId", "evidence.*.vmMetadata.subscriptionId")
    return prefixed("azure", word(alert, "tenantId", "azureTenantId"), *subscriptions)


def _recognises(body: Any) -> bool:
    alert = first(body)
    return (
        str(alert.get("@odata.type", "")).startswith((f"{_TYPE}alert", f"{_TYPE}incident"))
        or {"id", "serviceSource", "createdDateTime", "severity"} <= alert.keys()
        or {"id", "azureTenantId", "vendorInformation", "severity"} <= alert.keys()
        or {"id", "incidentWebUrl", "createdDateTime", "severity"} <= alert.keys()
    )


ADAPTER = Adapter(
    kind="graph-security",
    product="Microsoft Graph security",
    docs="https://learn.microsoft.com/graph/api/resources/security-alert",
    recognises=_recognises,
    read=read,
    severity="high, medium, low, informational by its word; unknown is medium",
    same_alert="same alert id",
    auth="bearer",
)
