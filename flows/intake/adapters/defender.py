"""The `defender` source: Microsoft Defender's incidents and alerts, and its stream of hunting tables.

https://learn.microsoft.com/defender-xdr/api-list-incidents
https://learn.microsoft.com/defender-endpoint/api/alerts
https://learn.microsoft.com/defender-xdr/advanced-hunting-alertinfo-table
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.hinting import prefixed
from flows.intake.adapters.microsoft import Path, batch, first, in_entities, sorted_as, status_of
from flows.intake.adapters.picking import word
from flows.intake.adapters.reading import utc_instant
from flows.intake.adapters.shapes import must_be_object
from flows.intake.adapters.spotting import every, in_camel_case, inner, must_say, named
from flows.intake.claims import Claim, claim, on_scale

_STREAM = "AdvancedHunting-Alert"
_TIMES = (
    "firstEventTime", "firstActivity", "alerts.0.firstActivity", "timestamp", "alertCreationTime",
    "createdTime",
)  # fmt: skip
_ENTITIES = ("evidence.*", "alerts.*.entities.*", "alerts.*.devices.*", "relatedUser")

_OWN = frozenset(
    {"computerDnsName", "deviceName", "accountUpn", "fileName", "sHA1", "sHA256", "remoteUrl", "remoteIP"}
)
"""What an alert, or a row of evidence in the stream, names beside its evidence."""


def read(body: Any) -> tuple[Claim, ...]:
    """The claims of an incident, of an alert, or of a list of them; an incident is one claim."""
    return tuple(_claim(must_be_object(one, path), path) for one, path in batch(body))


def _claim(body: dict[str, Any], path: Path) -> Claim:
    about, place = body, path
    if str(body.get("category", "")).startswith(_STREAM):
        about, place = must_be_object(body.get("properties"), (*path, "properties")), (*path, "properties")
    stated = in_camel_case(about)
    is_incident = "incidentName" in stated
    own_id = must_say(stated, place, *(("incidentId",) if is_incident else ("id", "alertId")))
    title = must_say(stated, place, *(("incidentName",) if is_incident else ("title",)))
    severity, sorts = word(stated, "severity"), _sorts(stated)
    return claim(
        ["incident" if is_incident else "alert", own_id],
        status=status_of(word(stated, "status")),
        severity=on_scale(severity or "medium"),
        original_severity=severity,
        title=title,
        payload=body,
        occurred_at=utc_instant(stated, *_TIMES) or utc_instant(body, "time"),
        category=sorted_as(title, sorts),
        observables=in_entities(_entities(stated)),
        ids=(own_id, word(stated, "incidentId"), *named(stated, "alerts.*.alertId")),
        client_hints=prefixed("azure", word(stated, "aadTenantId", "tenantId"), word(body, "tenantId")),
        link=word(stated, "incidentUri", "alertWebUrl"),
    )


def _sorts(stated: dict[str, Any]) -> tuple[str, ...]:
    in_text = {"all": inner(stated, "categories")}
    return (*named(stated, "category", "alerts.*.category"), *named(in_text, "all"))


def _entities(stated: dict[str, Any]) -> Iterator[Any]:
    yield {name: value for name, value in stated.items() if isinstance(value, str) and name in _OWN}
    for path in _ENTITIES:
        yield from every(stated, path)


def _recognises(body: Any) -> bool:
    stated = first(body)
    return (
        str(stated.get("category", "")).startswith(_STREAM)
        or {"incidentId", "incidentName", "alerts"} <= stated.keys()
        or {"id", "alertCreationTime", "detectionSource"} <= stated.keys()
    )


ADAPTER = Adapter(
    kind="defender",
    product="Microsoft Defender",
    docs="https://learn.microsoft.com/defender-xdr/api-list-incidents",
    recognises=_recognises,
    read=read,
    severity="High, Medium, Low, Informational by its word; UnSpecified is medium",
    same_alert="same incident id, or same alert id",
    auth="bearer",
)
