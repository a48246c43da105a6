"""The `grafana` source: the webhook of Grafana's unified alerting, and the one of dashboards before it.

https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/
https://grafana.com/docs/grafana/v7.5/alerting/old-alerting/notifications/#webhook
"""

from __future__ import annotations

import re
from typing import Any

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.alertmanager import read_group
from flows.intake.adapters.hinting import category_of, clients_named
from flows.intake.adapters.labels import in_labels
from flows.intake.adapters.picking import at, must_word, objects, word
from flows.intake.adapters.shapes import must_be_object, wrong_field
from flows.intake.claims import Claim, Status, claim, on_scale

_LINKS = ("generatorURL", "panelURL", "dashboardURL")
_LEGACY = frozenset({"ruleId", "ruleName", "ruleUrl", "state"})
_MARK = re.compile(r"^\[[A-Za-z ]{1,20}\]\s*")
_STATES: dict[str, Status] = {
    "alerting": "firing", "no_data": "firing", "pending": "firing", "unknown": "firing",
    "ok": "resolved", "paused": "resolved",
}  # fmt: skip


def read(body: Any) -> tuple[Claim, ...]:
    """The claims of a notification: each alert of a group, or the one rule of a dashboard."""
    stated = must_be_object(body)
    return (_of_rule(stated),) if "ruleName" in stated or "ruleId" in stated else read_group(stated, _LINKS)


def _of_rule(body: dict[str, Any]) -> Claim:
    state, found = word(body, "state"), at(body, "tags")
    if state not in _STATES:
        raise wrong_field(("state",), f"{', '.join(_STATES)} is wanted")
    title = _MARK.sub("", word(body, "title")) or must_word(body, "ruleName")
    tags = found if isinstance(found, dict) else {}
    metrics = [one for match in objects(body, "evalMatches") if isinstance(one := match.get("tags"), dict)]
    severity = word(tags, "severity", "priority")
    return claim(
        [word(body, "orgId"), word(body, "dashboardId"), must_word(body, "ruleId"), word(body, "ruleUrl")],
        status=_STATES[state],
        severity=on_scale(severity or "medium"),
        original_severity=severity,
        title=title,
        payload=body,
        category=category_of(title, word(body, "message")),
        observables=[one for labels in (tags, *metrics) for one in in_labels(labels)],
        ids=(word(body, "ruleId"),),
        client_hints=clients_named(tags),
        link=word(body, "ruleUrl"),
    )


def _recognises(body: Any) -> bool:
    return isinstance(body, dict) and (
        {"alerts", "receiver", "orgId", "groupLabels"} <= body.keys() or body.keys() >= _LEGACY
    )


ADAPTER = Adapter(
    kind="grafana",
    product="Grafana alerting",
    docs=(
        "https://grafana.com/docs/grafana/latest/alerting/configure-notifications/"
        "manage-contact-points/integrations/webhook-notifier/"
    ),
    recognises=_recognises,
    read=read,
    severity="label or annotation `severity` (before unified alerting: tag), by its word; without one medium",
    same_alert="same labels (before unified alerting: same organisation, dashboard and rule)",
    auth="grafana",
)
