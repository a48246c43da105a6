"""CloudWatch's alarms, through SNS, Lambda's records and EventBridge."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from tests.harness.claims import claims_in, payload, read, refused_field, told

ARN = "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:ExportVolume"


def test_an_alarm_tells_all_it_offers() -> None:
    (one,) = claims_in("cloudwatch/sns-alarm")
    assert told(one) == {
        "status": "firing",
        "severity": "medium",
        "title": "ExportVolume: Bulk export above the usual",
        "occurred_at": datetime(2026, 3, 2, 10, 0, 0, 123000, tzinfo=UTC),
        "category": "data_loss",
        "observables": {("host", "i-0123456789abcdef0")},
        "ids": (ARN, "ExportVolume"),
        "client_hints": ("aws:111122223333", "acme"),
    }


def test_the_alarm_is_the_same_through_eventbridge_and_ok_resolves_it() -> None:
    (over,) = claims_in("cloudwatch/event-ok")
    assert told(over) == {
        "status": "resolved",
        "severity": "medium",
        "title": "ExportVolume: Bulk export above the usual",
        "occurred_at": datetime(2026, 3, 2, 11, 0, tzinfo=UTC),
        "category": "data_loss",
        "observables": {("host", "i-0123456789abcdef0")},
        "ids": (ARN, "ExportVolume"),
        "client_hints": ("aws:111122223333",),
    }
    assert over.fingerprint == claims_in("cloudwatch/sns-alarm")[0].fingerprint


def test_each_record_is_one_and_an_alarm_that_lacks_data_is_not_over() -> None:
    first, second = claims_in("cloudwatch/lambda-records")
    assert first == claims_in("cloudwatch/sns-alarm")[0]
    assert (second.title, second.status, second.severity) == ("Other", "firing", "low")
    assert told(second)["observables"] == {("host", "i-0fedcba9876543210")}


def test_a_subscription_to_confirm_is_refused_by_its_type() -> None:
    assert refused_field("cloudwatch", payload("cloudwatch/confirmation")) == "Type"


@pytest.mark.parametrize("message", ["not JSON", "7", None, "[" * 100_000, "\ud800"])
def test_a_message_that_is_no_alarm_is_refused_by_its_field(message: object) -> None:
    assert refused_field("cloudwatch", payload("cloudwatch/sns-alarm") | {"Message": message}) == "Message"


def test_an_alarm_of_no_known_state_is_refused_by_its_field() -> None:
    alarm = json.loads(payload("cloudwatch/sns-alarm")["Message"])
    assert refused_field("cloudwatch", alarm | {"NewStateValue": "MAYBE"}) == "NewStateValue"
    assert refused_field("cloudwatch", alarm | {"AlarmName": {}}) == "AlarmName"
    assert read("cloudwatch", alarm)[0].status == "firing"
