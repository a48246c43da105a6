"""The `pagerduty` source: PagerDuty's webhooks of versions 3, 2 and 1, and events of its Events API.

https://developer.pagerduty.com/docs/webhooks-overview
https://developer.pagerduty.com/docs/send-alert-event
"""

from __future__ import annotations

from typing import Any

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.hinting import category_of, clients_named, prefixed
from flows.intake.adapters.picking import at, must_word, word
from flows.intake.adapters.reading import first_item, items, observables, utc_instant
from flows.intake.adapters.shapes import must_be_object
from flows.intake.claims import Claim, Severity, claim, on_scale

_URGENCIES: dict[str, Severity] = {"high": "high", "low": "low"}
_PRIORITIES = frozenset({"p1", "p2", "p3", "p4", "p5"})
_TITLES = (
    *("title", "description", "trigger_summary_data.subject", "trigger_summary_data.description"),
    "summary",
)
_SEEN = {
    "account": ("custom_details.user", "custom_details.username", "custom_details.account"),
    "host": ("source", "custom_details.host", "custom_details.hostname"),
    "address": ("custom_details.src_ip", "custom_details.source_ip", "custom_details.ip"),
}


def read(body: Any) -> tuple[Claim, ...]:
    """The claim of an event, or of each message of an older webhook."""
    stated = must_be_object(body)
    if "routing_key" in stated or "service_key" in stated:
        return (_sent(stated),)
    if "messages" in stated:
        return tuple(_message(one) for one in items(stated, "messages"))
    event = must_be_object(stated.get("event"), ("event",))
    incident = must_be_object(event.get("data"), ("event", "data"))
    if word(incident, "type") not in ("", "incident"):
        return ()  # a note, a responder or a ping says nothing of the incident's state
    return (_incident(stated, incident, word(event, "event_type"), event),)


def _message(message: dict[str, Any]) -> Claim:
    stated = at(message, "incident") or at(message, "data.incident")
    incident = must_be_object(stated, ("messages", "incident"))
    return _incident(message, incident, word(message, "event", "type"), message)


def _incident(payload: dict[str, Any], incident: dict[str, Any], event: str, told: dict[str, Any]) -> Claim:
    title = must_word(incident, *_TITLES)
    priority = word(incident, "priority.summary", "priority.name")
    urgency = word(incident, "urgency")
    is_graded = priority.lower() in _PRIORITIES
    is_over = word(incident, "status") == "resolved" or event in ("incident.resolved", "incident.resolve")
    return claim(
        must_word(incident, "id"),
        status="resolved" if is_over else "firing",
        severity=on_scale(priority) if is_graded else _URGENCIES.get(urgency, "medium"),
        original_severity=priority or urgency,
        title=title,
        payload=payload,
        occurred_at=utc_instant(incident, "created_at", "created_on")
        or utc_instant(told, "occurred_at", "created_on"),
        category=category_of(title),
        ids=(word(incident, "id"), word(incident, "incident_key"), word(told, "id")),
        client_hints=prefixed("pagerduty", word(incident, "service.id")),
        link=word(incident, "html_url"),
    )


def _sent(event: dict[str, Any]) -> Claim:
    """An event as tools send it to PagerDuty, version 2 or 1; only a trigger must say what it is about."""
    stated = event.get("payload")
    alert = stated if isinstance(stated, dict) else event
    key, action = word(event, "dedup_key", "incident_key"), word(event, "event_action", "event_type")
    is_trigger = action == "trigger" or not key
    title = must_word(alert, "summary", "description") if is_trigger else word(alert, "summary") or key
    severity = word(alert, "severity")
    named = [word(alert, path) for path in ("source", "component", "group", "class")]
    return claim(
        key or [title, *named],
        status="resolved" if action == "resolve" else "firing",
        severity=on_scale(severity),
        original_severity=severity,
        title=title,
        payload={name: value for name, value in event.items() if name not in ("routing_key", "service_key")},
        occurred_at=utc_instant(alert, "timestamp"),
        category=category_of(title, word(alert, "class")),
        observables=observables(alert, _SEEN),
        ids=(key,),
        client_hints=clients_named(at(alert, "custom_details") or at(alert, "details")),
        link=word(event, "client_url", "links.0.href"),
    )


def _recognises(body: Any) -> bool:
    """Webhooks name an event of PagerDuty's resources; events its keys and actions."""
    if not isinstance(body, dict):
        return False
    if {"routing_key", "event_action"} <= body.keys() or {"service_key", "event_type"} <= body.keys():
        return True
    event = body.get("event")
    if isinstance(event, dict):
        return {"event_type", "resource_type", "data"} <= event.keys()
    message = first_item(body, "messages") if "messages" in body else {}
    return word(message, "event", "type").startswith("incident.")


ADAPTER = Adapter(
    kind="pagerduty",
    product="PagerDuty",
    docs="https://developer.pagerduty.com/docs/webhooks-overview",
    recognises=_recognises,
    read=read,
    severity="priority P1 to P5; else urgency high or low; an event's word; medium without",
    same_alert="same incident; an event by its key, else by summary, source, component, group and class",
    auth="pagerduty",
)
