"""The `opsgenie` source: Opsgenie's outgoing webhook, one body for each action on an alert.

https://support.atlassian.com/opsgenie/docs/opsgenie-edge-connector-alert-action-data/
"""

from __future__ import annotations

from typing import Any

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.hinting import category_of, clients_named
from flows.intake.adapters.labels import in_labels
from flows.intake.adapters.picking import must_word, seen, word
from flows.intake.adapters.reading import utc_instant
from flows.intake.adapters.shapes import must_be_object, wrong_field
from flows.intake.claims import Claim, claim, on_scale

_OVER = frozenset({"close", "delete"})


def read(body: Any) -> tuple[Claim, ...]:
    """The one claim of an action: the alert in the state it left it in."""
    stated = must_be_object(body)
    alert = must_be_object(stated.get("alert"), ("alert",))
    escalation = word(stated, "escalationName")
    title = word(alert, "message") or (escalation and f"Escalation: {escalation}")
    if not title:
        raise wrong_field(("alert", "message"), "text is wanted")
    return (_claim(stated, alert, title),)


def _claim(stated: dict[str, Any], alert: dict[str, Any], title: str) -> Claim:
    priority = word(alert, "priority")
    details = alert.get("details")
    entity = seen("host", (word(alert, "entity"),))
    return claim(
        must_word(alert, "alertId"),
        status="resolved" if word(stated, "action").lower() in _OVER else "firing",
        severity=on_scale(priority if priority.upper().startswith("P") else f"P{priority}"),
        original_severity=priority,
        title=title,
        payload=stated,
        occurred_at=utc_instant(alert, "createdAt", "insertedAt"),
        category=category_of(title),
        observables=(*entity, *in_labels(details if isinstance(details, dict) else {})),
        ids=(word(alert, "alertId"), word(alert, "alias"), word(alert, "tinyId")),
        client_hints=(*clients_named(details), *clients_named(alert.get("tags"))),
        link=word(alert, "detailsUrl"),
    )


def _recognises(body: Any) -> bool:
    """An action, the alert's id and the integration that tells of it."""
    if not isinstance(body, dict):
        return False
    alert = body.get("alert")
    return (
        isinstance(alert, dict)
        and "alertId" in alert
        and "action" in body
        and bool({"integrationId", "integrationName"} & body.keys())
    )


ADAPTER = Adapter(
    kind="opsgenie",
    product="Opsgenie",
    docs="https://support.atlassian.com/opsgenie/docs/opsgenie-edge-connector-alert-action-data/",
    recognises=_recognises,
    read=read,
    severity="priority P1 to P5; medium without one, as Opsgenie's default P3",
    same_alert="same alert id",
    auth="bearer",
)
