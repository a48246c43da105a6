"""What adapters share: lists of alerts, levels, and instants in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from flows.intake.adapters.reading import Levels, first_item, graded, items, observables, utc_instant
from flows.intake.adapters.shapes import ALERTS_PER_REQUEST
from playbooks.errors import PayloadFault
from playbooks.forensics.observable_kinds import Seen


@pytest.mark.parametrize("body", [{"a": 1}, [{"a": 1}], {"resources": [{"a": 1}]}])
def test_an_object_is_found_alone_in_a_list_and_under_a_key(body: Any) -> None:
    assert list(items(body, "resources")) == [{"a": 1}]
    assert first_item(body, "resources") == {"a": 1}


@pytest.mark.parametrize(
    ("body", "which"),
    [
        ("text", "body"),
        ([{}, 7], "1"),
        ({"resources": [None]}, "resources.0"),
        ([{}] * (ALERTS_PER_REQUEST + 1), "body"),
    ],
)
def test_what_is_no_object_is_named(body: Any, which: str) -> None:
    with pytest.raises(PayloadFault) as refused:
        list(items(body, "resources"))
    assert refused.value.which == which


@pytest.mark.parametrize("body", [None, "text", [], [7], {"resources": []}])
def test_recognising_never_raises(body: Any) -> None:
    assert first_item(body, "resources") == {}


def test_a_number_reaches_its_level() -> None:
    levels: Levels = ((9.0, "critical"), (4.0, "medium"))
    assert [graded(value, levels) for value in (9, 8.9, 4, 0, -1, None)] == [
        *("critical", "medium", "medium", "info", "info", "medium"),
    ]


def test_observables_are_taken_once_from_every_item() -> None:
    body = {"user": "agent-17", "files": [{"name": "a.csv"}, {"name": "a.csv"}, {"name": 7}]}
    found = observables(body, {"account": ("user", "owner"), "file": ("files.*.name",)})
    assert found == (Seen("account", "agent-17"), Seen("file", "a.csv"))


def test_an_instant_without_a_zone_is_utc_where_the_tool_says_so() -> None:
    wanted = datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert utc_instant({"at": "2026-03-01 10:00:00"}, "none", "at") == wanted
    assert utc_instant({"at": "2026-03-01T11:00:00+01:00"}, "at") == wanted
    assert utc_instant({}, "at") is None
