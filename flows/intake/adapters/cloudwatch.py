"""The `cloudwatch` source: a CloudWatch alarm through SNS, EventBridge or a Lambda action.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
"""

from __future__ import annotations

from typing import Any, TypeAlias

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.aws import carried, is_sns, messages
from flows.intake.adapters.hinting import category_of, clients_named, prefixed
from flows.intake.adapters.labels import as_labels, in_labels
from flows.intake.adapters.picking import objects, word
from flows.intake.adapters.reading import utc_instant
from flows.intake.adapters.shapes import must_be_object, wrong_field
from flows.intake.adapters.spotting import every, must_say, spoken
from flows.intake.claims import Claim, claim

Path: TypeAlias = tuple[str | int, ...]

_STATES = ("ALARM", "OK", "INSUFFICIENT_DATA")


def read(body: Any) -> tuple[Claim, ...]:
    """The claim of each alarm; SNS's wish to have a subscription confirmed is refused by its `Type`."""
    return tuple(_claim(must_be_object(one)) for one in messages(body))


def _claim(event: dict[str, Any]) -> Claim:
    alarm, path = _alarm(event)
    names, states = ("alarmName", "state.value") if path else ("AlarmName", "NewStateValue")
    name, state = must_say(alarm, path, names), must_say(alarm, path, states)
    if state not in _STATES:
        raise wrong_field((*path, *states.split(".")), f"{', '.join(_STATES)} is wanted")
    account = word(event, "AWSAccountId", "account", "accountId")
    arn = word(event, "AlarmArn", "alarmArn", "resources.0")
    dimensions = _dimensions(alarm)
    told = word(alarm, "AlarmDescription", "configuration.description")
    return claim(
        arn or [account, word(event, "Region", "region"), name],
        status="resolved" if state == "OK" else "firing",
        severity="low" if state == "INSUFFICIENT_DATA" else "medium",
        title=f"{name}: {told}" if told else name,
        payload=event,
        occurred_at=utc_instant(alarm, "StateChangeTime", "state.timestamp") or utc_instant(event, "time"),
        category=category_of(spoken(name), told),
        observables=in_labels(dimensions),
        ids=(arn, name),
        client_hints=(*prefixed("aws", account), *clients_named(dimensions)),
    )


def _alarm(event: dict[str, Any]) -> tuple[dict[str, Any], Path]:
    place = next((name for name in ("detail", "alarmData") if name in event), None)
    return (must_be_object(event[place], (place,)), (place,)) if place else (event, ())


def _dimensions(alarm: dict[str, Any]) -> dict[str, Any]:
    """The dimensions of its metrics: lists of pairs through SNS, objects through EventBridge."""
    found: dict[str, Any] = as_labels(objects(alarm, "Trigger.Dimensions"), "name", "value")
    for metric in objects(alarm, "Trigger.Metrics"):
        found |= as_labels(objects(metric, "MetricStat.Metric.Dimensions"), "name", "value")
    for pairs in every(alarm, "configuration.metrics.*.metricStat.metric.dimensions"):
        found |= pairs if isinstance(pairs, dict) else {}
    return found


def _recognises(body: Any) -> bool:
    if is_sns(body) and body.get("Type") != "Notification":
        return True
    found = carried(body)
    return bool(found) and all(_is_alarm(one) for one in found)


def _is_alarm(event: Any) -> bool:
    return isinstance(event, dict) and (
        {"AlarmName", "NewStateValue"} <= event.keys()
        or (event.get("source") == "aws.cloudwatch" and not event.keys().isdisjoint({"detail", "alarmData"}))
    )


ADAPTER = Adapter(
    kind="cloudwatch",
    product="Amazon CloudWatch alarms",
    docs="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html",
    recognises=_recognises,
    read=read,
    severity="an alarm has none: medium, and low where it only lacks data",
    same_alert="same alarm ARN; without one, same account, region and name",
    auth="basic",
)
