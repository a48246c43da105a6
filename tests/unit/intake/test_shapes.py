"""Each tool's payload becomes claims, or a fault that names the field."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from flows.intake.adapters.shapes import ALERTS_PER_REQUEST
from flows.intake.claims import Claim, inert_title
from flows.intake.kinds import ADAPTERS, AUTO, read_claims
from flows.sources import KINDS
from playbooks.errors import NotFound, PayloadFault

FINDING: dict[str, Any] = {
    "id": "f-1",
    "accountId": "111122223333",
    "title": "Data leaves a bucket",
    "severity": 8,
    "service": {"archived": False, "count": 1, "eventFirstSeen": "2026-03-01T10:00:00Z"},
}
GROUP: dict[str, Any] = {
    "version": "4",
    "status": "firing",
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "Bulk", "severity": "critical"},
            "annotations": {"summary": "Bulk export"},
            "startsAt": "2026-03-01T10:00:00.123456789Z",
        },
        {"labels": {"alertname": "Other"}},
    ],
}


def claims(kind: str, body: Any) -> tuple[Claim, ...]:
    return read_claims(kind, json.dumps(body).encode()).claims


def test_a_source_can_be_added_for_every_kind_that_can_be_read() -> None:
    assert {AUTO, *ADAPTERS} <= set(KINDS)


def test_a_generic_alert_says_what_it_is() -> None:
    (one,) = claims("generic", {"title": " Odd login ", "severity": "WARNING", "status": "resolved"})
    assert (one.title, one.severity, one.status) == ("Odd login", "medium", "resolved")


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        *(("P0", "critical"), ("sev0", "critical"), ("SEV1", "critical"), ("crit", "critical")),
        *(("emerg", "critical"), ("disaster", "critical"), ("severe", "high"), ("urgent", "high")),
        *(("sev2", "high"), ("err", "high"), ("sev3", "medium"), ("sev4", "low"), ("debug", "info")),
        *(("sev5", "info"), ("information", "info"), ("odd", "medium")),
    ],
)
def test_the_words_for_severity_that_operators_use_are_known(word: str, severity: str) -> None:
    assert claims("generic", {"title": "t", "severity": word})[0].severity == severity


def test_a_list_is_as_many_generic_alerts() -> None:
    assert [one.title for one in claims("generic", [{"title": "a"}, {"name": "b"}])] == ["a", "b"]


def test_a_generic_fingerprint_is_the_senders_or_what_the_alert_is_about() -> None:
    def of(**fields: Any) -> str:
        return claims("generic", {"title": "t", **fields})[0].fingerprint

    assert of(fingerprint="x", labels={"a": 1}) == of(fingerprint="x", labels={"a": 2})
    assert of(labels={"a": 1, "b": 2}) == of(labels={"b": 2, "a": 1}, occurred_at="2026-03-01T10:00:00Z")
    assert of(labels={"a": 1}) != of(labels={"a": 2})


def test_content_is_the_same_for_any_order_of_keys_and_differs_for_any_word() -> None:
    one, same, other = (
        read_claims("generic", body).claims[0].content
        for body in (b'{"title":"t","x":1}', b'{"x":1, "title":"t"}', b'{"title":"t","x":2}')
    )
    assert one == same != other


def test_each_alert_of_an_alertmanager_group_is_a_claim_known_by_its_labels() -> None:
    first, second = claims("alertmanager", GROUP)
    assert (first.title, first.severity, first.status) == ("Bulk export", "critical", "firing")
    assert first.occurred_at == datetime(2026, 3, 1, 10, 0, 0, 123456, tzinfo=UTC)
    assert (second.title, second.severity, second.status) == ("Other", "medium", "firing")
    resolved = {**GROUP["alerts"][0], "status": "resolved", "fingerprint": "abc"}
    (third,) = claims("alertmanager", {**GROUP, "alerts": [resolved]})
    assert (third.fingerprint, third.status) == (first.fingerprint, "resolved")


def test_a_finding_is_the_same_bare_and_in_its_envelope() -> None:
    envelope = {"detail-type": "GuardDuty Finding", "source": "aws.guardduty", "detail": FINDING}
    assert claims("guardduty", FINDING) == claims("guardduty", envelope)
    (one,) = claims("guardduty", FINDING)
    assert (one.severity, one.status) == ("high", "firing")
    assert one.occurred_at == datetime(2026, 3, 1, 10, 0, tzinfo=UTC)


def test_a_finding_that_is_counted_again_keeps_its_fingerprint_and_an_archived_one_is_resolved() -> None:
    (first,) = claims("guardduty", FINDING)
    (again,) = claims("guardduty", {**FINDING, "service": {"count": 2, "archived": True}})
    assert first.fingerprint == again.fingerprint
    assert first.content != again.content
    assert again.status == "resolved"


@pytest.mark.parametrize(
    ("number", "level"),
    [(10, "critical"), (9, "critical"), (8.9, "high"), (4, "medium"), (1, "low"), (0, "info")],
)
def test_guardduty_numbers_fall_on_our_scale(number: float, level: str) -> None:
    assert claims("guardduty", {**FINDING, "severity": number})[0].severity == level


@pytest.mark.parametrize(
    ("kind", "body", "field"),
    [
        ("generic", "text", "body"),
        ("generic", {}, "title"),
        ("generic", {"title": ""}, "title"),
        ("generic", {"title": "t", "status": "maybe"}, "status"),
        ("generic", {"title": "t", "occurred_at": "2026-03-01T10:00:00"}, "occurred_at"),
        ("generic", [{"title": "t"}, {"title": 3}], "1.title"),
        ("generic", [{"title": "t"}] * (ALERTS_PER_REQUEST + 1), "body"),
        ("alertmanager", [], "body"),
        ("alertmanager", {}, "alerts"),
        ("alertmanager", {"alerts": {}}, "alerts"),
        ("alertmanager", {"alerts": [7]}, "alerts.0"),
        ("alertmanager", {"alerts": [{"status": "firing", "labels": {}}]}, "alerts.0.labels"),
        ("alertmanager", {"alerts": [{"status": "firing", "labels": {"a": 1}}]}, "alerts.0.labels.a"),
        ("alertmanager", {"alerts": [{"labels": {"a": "b"}}]}, "alerts.0.status"),
        ("guardduty", [], "body"),
        ("guardduty", {**FINDING, "severity": 11}, "severity"),
        ("guardduty", {**FINDING, "id": None}, "id"),
        ("guardduty", {"detail": FINDING, "detail-type": "Macie Finding"}, "detail-type"),
        ("guardduty", {"detail": {}, "detail-type": "GuardDuty Finding"}, "detail.id"),
    ],
)
def test_a_wrong_shape_names_its_field(kind: str, body: Any, field: str) -> None:
    with pytest.raises(PayloadFault) as refused:
        claims(kind, body)
    assert refused.value.which == field


def test_a_kind_that_is_not_ours_is_not_found() -> None:
    with pytest.raises(NotFound):
        read_claims("crystal-ball", b"{}")


@pytest.mark.parametrize("text", ["\x1b[31mred\x1b[0m", "re\u202ed", "r\x00ed", " red\r\n", "re\ud800d"])
def test_a_title_is_one_visible_line(text: str) -> None:
    assert inert_title(text) == "red"


def test_a_title_without_a_visible_character_is_named_and_a_long_one_cut() -> None:
    assert inert_title("\x00 \n") == "untitled alert"
    assert len(inert_title("x" * 5000)) == 300
