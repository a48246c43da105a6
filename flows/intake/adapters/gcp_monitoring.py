"""The `gcp-monitoring` source: Google Cloud Monitoring's webhook, or its Pub/Sub channel.

https://cloud.google.com/monitoring/support/notification-options#schema-pubsub
"""

from __future__ import annotations

from typing import Any

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.gcp import carried, message
from flows.intake.adapters.hinting import category_of, clients_named, prefixed
from flows.intake.adapters.labels import in_labels
from flows.intake.adapters.picking import at, word
from flows.intake.adapters.reading import observables, utc_instant
from flows.intake.adapters.shapes import must_be_object, wrong_field
from flows.intake.adapters.spotting import must_say
from flows.intake.claims import Claim, claim, on_scale
from playbooks.forensics.observable_kinds import Seen

_STATES = ("open", "closed")
_SEEN = {"host": ("resource_name", "resource_display_name")}
_LABELS = ("resource.labels", "metric.labels", "metadata.user_labels", "policy_user_labels")


def read(body: Any) -> tuple[Claim, ...]:
    """The one claim of a notification: the incident that Monitoring keeps."""
    event = message(body)
    incident, path = must_be_object(event.get("incident"), ("incident",)), ("incident",)
    state = must_say(incident, path, "state")
    if state not in _STATES:
        raise wrong_field((*path, "state"), "open or closed is wanted")
    severity, policy = word(incident, "severity"), word(incident, "policy_name")
    title = word(incident, "summary") or must_say(incident, path, "policy_name", "condition_name")
    return (
        claim(
            must_say(incident, path, "incident_id"),
            status="resolved" if state == "closed" else "firing",
            severity="medium" if severity == "No severity" else on_scale(severity or "medium"),
            original_severity=severity,
            title=title,
            payload=event,
            occurred_at=utc_instant(incident, "started_at"),
            category=category_of(title, policy, word(incident, "condition_name")),
            observables=_observables(incident),
            ids=(word(incident, "incident_id"),),
            client_hints=_whose(incident),
            link=word(incident, "url"),
        ),
    )


def _observables(incident: dict[str, Any]) -> list[Seen]:
    labelled = (one for labels in _labels(incident) for one in in_labels(labels))
    return list(dict.fromkeys((*observables(incident, _SEEN), *labelled)))


def _labels(incident: dict[str, Any]) -> list[dict[str, Any]]:
    found = (at(incident, path) for path in _LABELS)
    return [labels for labels in found if isinstance(labels, dict)]


def _whose(incident: dict[str, Any]) -> tuple[str, ...]:
    project = word(incident, "scoping_project_id", "resource.labels.project_id")
    labelled = (one for labels in _labels(incident) for one in clients_named(labels))
    return (*prefixed("gcp", project), *labelled)


def _recognises(body: Any) -> bool:
    incident = carried(body).get("incident") if isinstance(body, dict) else None
    return isinstance(incident, dict) and {"incident_id", "policy_name", "condition_name"} <= incident.keys()


ADAPTER = Adapter(
    kind="gcp-monitoring",
    product="Google Cloud Monitoring",
    docs="https://cloud.google.com/monitoring/support/notification-options#schema-pubsub",
    recognises=_recognises,
    read=read,
    severity="Critical, Error or Warning by its word; No severity is medium",
    same_alert="same incident of Monitoring",
    auth="basic",
)
