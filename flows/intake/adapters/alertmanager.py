"""The `alertmanager` source: Prometheus Alertmanager's webhook, versions 3 and 4.

https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.shapes import (
    MaybeWords,
    Shape,
    Words,
    must_be_list,
    must_be_object,
    read_shape,
    wrong_field,
)
from flows.intake.claims import Claim, Status, claim, instant_or_none, on_scale

_TITLES = ("summary", "title", "message", "description")


def _absent_is_empty(value: Any) -> Any:
    return {} if value is None else value


Pairs = Annotated[dict[str, Words], BeforeValidator(_absent_is_empty)]


class PrometheusAlert(Shape):
    """One alert of a group; its labels are its identity."""

    status: Status
    labels: Annotated[dict[str, Words], Field(min_length=1)]
    annotations: Pairs = Field(default_factory=dict)
    starts_at: MaybeWords = Field(default="", validation_alias="startsAt")


def read(body: Any) -> tuple[Claim, ...]:
    """The claims of one notification: each alert of the group is one."""
    group = must_be_object(body)
    if "alerts" not in group:
        raise wrong_field(("alerts",), "field required")
    alerts = must_be_list(group["alerts"], ("alerts",))
    return tuple(_claim(group, item, index) for index, item in enumerate(alerts))


def _claim(group: dict[str, Any], item: Any, index: int) -> Claim:
    path = ("alerts", index)
    body = must_be_object(item, path)
    stated = body if "status" in body else {**body, "status": group.get("status")}
    alert = read_shape(PrometheusAlert, stated, path)
    severity = alert.labels.get("severity") or alert.annotations.get("severity") or "medium"
    return claim(
        alert.labels,
        status=alert.status,
        severity=on_scale(severity),
        title=_title(alert),
        payload=body,
        occurred_at=instant_or_none(alert.starts_at),
    )


def _title(alert: PrometheusAlert) -> str:
    told = next((alert.annotations[name] for name in _TITLES if alert.annotations.get(name)), "")
    return told or alert.labels.get("alertname", "")


def _recognises(body: Any) -> bool:
    """Alertmanager alone writes `groupKey` and `groupLabels` without Grafana's `orgId`."""
    return (
        isinstance(body, dict)
        and {"groupKey", "groupLabels", "alerts"} <= body.keys()
        and "orgId" not in body
    )


ADAPTER = Adapter(
    kind="alertmanager",
    product="Prometheus Alertmanager",
    docs="https://prometheus.io/docs/alerting/latest/configuration/#webhook_config",
    recognises=_recognises,
    read=read,
    severity="label or annotation `severity`, by its word",
    same_alert="same labels",
    auth="bearer",
)
