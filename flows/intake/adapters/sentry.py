"""The `sentry` source: issues, events and metric alerts of Sentry's integrations, and its older webhook.

https://docs.sentry.io/organization/integrations/integration-platform/webhooks/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.hinting import category_of, clients_named, prefixed
from flows.intake.adapters.picking import must_word, seen, word
from flows.intake.adapters.reading import observables, utc_instant
from flows.intake.adapters.shapes import must_be_object, wrong_field
from flows.intake.claims import Claim, Severity, claim, on_scale

_LEVELS: Mapping[str, Severity] = {"debug": "info", "sample": "info"}
Projects = tuple[str, ...]
"""A project's name and number, as far as they are told."""

_OVER = frozenset({"resolved", "ignored", "archived"})
_ISSUE = re.compile(r"/issues/(\d{1,30})(?:/|\?|$)", re.ASCII)
_SEEN = {
    "account": ("user.username", "user.id"),
    "address": ("user.ip_address", "user.email"),
    "host": ("server_name",),
    "url": ("request.url",),
}


def read(body: Any) -> tuple[Claim, ...]:
    """The one claim of a webhook."""
    stated = must_be_object(body)
    if "data" not in stated:
        return (_plugin(stated),)
    data = must_be_object(stated["data"], ("data",))
    if isinstance(data.get("metric_alert"), dict):
        return (_metric_alert(stated, data),)
    for part in ("issue", "event", "error"):
        if isinstance(data.get(part), dict):
            return (_issue(stated, data[part], part),)
    raise wrong_field(("data", "issue"), "an issue, an event or a metric alert is wanted")


def _issue(body: dict[str, Any], about: dict[str, Any], part: str) -> Claim:
    link = word(about, "web_url", "permalink", "url")
    issue = word(about, "id") if part == "issue" else word(about, "issue_id") or _issue_of(about)
    if not issue:
        raise wrong_field(("data", part, "id"), "text is wanted")
    is_over = {word(body, "action"), word(about, "status")} & _OVER
    return _claim(
        body,
        about,
        identity=issue,
        over=bool(is_over),
        link=link,
        projects=(word(about, "project.slug"), word(about, "project.id", "project")),
    )


def _plugin(body: dict[str, Any]) -> Claim:
    event = must_be_object(body.get("event"), ("event",))
    return _claim(
        body,
        {"level": body.get("level"), **event},
        identity=must_word(body, "id"),
        over=False,
        link=word(body, "url"),
        projects=(word(body, "project_slug"), word(body, "project")),
    )


def _claim(
    body: dict[str, Any], about: dict[str, Any], *, identity: str, over: bool, link: str, projects: Projects
) -> Claim:
    title = must_word(about, "title", "message", "metadata.title")
    level = word(about, "level")
    tags = _tags(about)
    return claim(
        ["issue", identity],
        status="resolved" if over else "firing",
        severity=_LEVELS.get(level) or on_scale(level),
        original_severity=level,
        title=title,
        payload=body,
        occurred_at=utc_instant(about, "firstSeen", "datetime", "timestamp", "received"),
        category=category_of(title),
        observables=(*observables(about, _SEEN), *seen("host", _servers(tags))),
        ids=(identity, word(about, "shortId"), word(about, "event_id")),
        client_hints=(*clients_named(tags), *prefixed("sentry", *projects)),
        link=link,
    )


def _metric_alert(body: dict[str, Any], data: dict[str, Any]) -> Claim:
    level = word(body, "action")
    title = must_word(data, "metric_alert.title", "metric_alert.alert_rule.name", "description_title")
    return claim(
        ["metric_alert", must_word(data, "metric_alert.id")],
        status="resolved" if level == "resolved" else "firing",
        severity=on_scale(level),
        original_severity=level,
        title=title,
        payload=body,
        occurred_at=utc_instant(data, "metric_alert.date_started", "metric_alert.date_created"),
        category=category_of(title),
        ids=(word(data, "metric_alert.id"), word(data, "metric_alert.identifier")),
        client_hints=prefixed("sentry", word(data, "metric_alert.projects.0")),
        link=word(data, "web_url"),
    )


def _issue_of(event: dict[str, Any]) -> str:
    found = _ISSUE.search(word(event, "issue_url")) or _ISSUE.search(word(event, "web_url"))
    return found[1] if found else ""


def _servers(tags: list[str]) -> list[str]:
    return [tag.removeprefix("server_name:") for tag in tags if tag.startswith("server_name:")]


def _tags(event: dict[str, Any]) -> list[str]:
    """Its tags as `name:value`; Sentry writes each as a pair."""
    found = event.get("tags")
    pairs = (pair for pair in found if isinstance(pair, list)) if isinstance(found, list) else ()
    return [":".join(pair) for pair in pairs if len(pair) == 2 and all(isinstance(one, str) for one in pair)]


def _recognises(body: Any) -> bool:
    """An integration names installation or actor beside the data; the older one its project."""
    if not isinstance(body, dict):
        return False
    data = body.get("data")
    if isinstance(data, dict):
        parts = {"issue", "event", "error", "metric_alert"} & data.keys()
        return "action" in body and bool({"installation", "actor"} & body.keys()) and bool(parts)
    return {"project_slug", "culprit", "event"} <= body.keys() and isinstance(body["event"], dict)


ADAPTER = Adapter(
    kind="sentry",
    product="Sentry",
    docs="https://docs.sentry.io/organization/integrations/integration-platform/webhooks/",
    recognises=_recognises,
    read=read,
    severity="level: fatal critical, error high, warning medium, below info; a metric alert's action",
    same_alert="same issue or metric alert",
    auth="sentry",
)
