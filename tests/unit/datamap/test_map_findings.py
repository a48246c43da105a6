"""What the data map does not say is said in words, each once, with whom and what it is about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flows.datamap import findings as words
from flows.datamap.findings import Finding, SystemView, findings, together

WHOLE = SystemView("crm", "it", ("client-7",), ("contact",), "2 years", "crm-log")


def test_a_map_that_says_everything_has_no_finding() -> None:
    assert findings([WHOLE], {"client-7"}, {"crm-log"}) == ()


@pytest.mark.parametrize(
    ("lacking", "what"),
    [
        (replace(WHOLE, owner=""), words.NO_OWNER),
        (replace(WHOLE, retention=""), words.NO_RETENTION),
        (replace(WHOLE, log_source=""), words.NO_LOG),
        (replace(WHOLE, categories=()), words.NO_CATEGORIES),
        (replace(WHOLE, categories=("contact", "unknown")), words.NO_CATEGORIES),
        (replace(WHOLE, log_source="old-log"), words.UNDEFINED_LOG),
        (
            replace(WHOLE, clients=("client-7", "client-9")),
            "it names client-9, and there is no such client",
        ),
    ],
)
def test_what_a_system_lacks_is_found(lacking: SystemView, what: str) -> None:
    assert findings([lacking], {"client-7"}, {"crm-log"}) == (Finding("crm", what),)


def test_a_system_of_nobody_and_a_client_without_a_system_are_found() -> None:
    assert findings([replace(WHOLE, clients=())], {"client-7"}, {"crm-log"}) == (
        Finding("client-7", words.NO_SYSTEM),
        Finding("crm", words.NO_CLIENT),
    )


def test_systems_that_share_a_log_are_named_together() -> None:
    other = replace(WHOLE, ref="billing")
    found = together(
        findings([WHOLE, other, replace(WHOLE, ref="hr", log_source="hr")], {"client-7"}, {"crm-log", "hr"})
    )
    ((what, about),) = found.items()
    assert "they share the access log crm-log" in what
    assert about == ("crm", "billing")
