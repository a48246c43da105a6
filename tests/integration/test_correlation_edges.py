"""Where correlation could lose an alert, a client or an incident: in a batch, across windows and merges."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from flows.deciding import deciding
from flows.splitting import split
from store.database import Store
from store.tables import Alert, Incident
from tests.harness.desks import (
    DeskUnderTest,
    add_client,
    add_source,
    clients_of_incident,
    desk_on,
    house_on,
    until,
)

RULES = """
correlation:
  - id: many-failures
    when: category == "identity"
    by: [account]
    window: 1h
    threshold: 3
    why: One failure is a slip of the hand.
"""
FAILURE = {"category": "identity", "account": "agent-17"}


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Iterator[DeskUnderTest]:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "own.yaml").write_text(RULES)
    add_source(store, "siem", playbook="")
    for ref in ("client-7", "client-8"):
        add_client(store, ref, ref)
    with desk_on(house_on(store, tmp_path, SEVENTYTWO_ALERT_RULES=str(rules))) as desk:
        yield desk


def alert(name: str, **more: Any) -> dict[str, Any]:
    return {"title": name, "fingerprint": name, "severity": "high", **more}


def raised(desk: DeskUnderTest, *alerts: dict[str, Any]) -> list[dict[str, Any]]:
    """What becomes of alerts that come in one request."""
    answer = desk.raise_alert("siem", list(alerts))
    assert answer.status_code == 202, answer.text
    return list(answer.json()["results"])


def outcomes(desk: DeskUnderTest, *alerts: dict[str, Any]) -> list[str]:
    return [one["result"] for one in raised(desk, *alerts)]


def names_in(desk: DeskUnderTest, ref: str) -> set[str]:
    """The titles of the alerts that belong to an incident."""
    with desk.store.reading() as session:
        joined = select(Alert).join(Incident, col(Incident.id) == col(Alert.incident_id))
        return {one.title for one in session.exec(joined.where(Incident.ref == ref))}


def cases(desk: DeskUnderTest, ref: str) -> list[str]:
    return clients_of_incident(desk.store, ref)


class TestThresholds:
    def test_a_burst_after_a_slow_start_opens(self, desk: DeskUnderTest) -> None:
        assert outcomes(desk, alert("a", **FAILURE)) == ["held"]
        desk.later(minutes=59)
        assert outcomes(desk, alert("b", **FAILURE)) == ["held"]
        desk.later(minutes=2)
        assert outcomes(desk, alert("c", **FAILURE)) == ["opened"]

    def test_alerts_of_one_request_belong_to_what_they_open(self, desk: DeskUnderTest) -> None:
        results = raised(desk, *(alert(name, **FAILURE) for name in "abcd"))
        assert [one["result"] for one in results] == ["held", "held", "opened", "joined"]
        assert names_in(desk, results[2]["incident"]) == set("abcd")

    def test_what_was_held_before_the_count_began_anew_is_not_drawn_in(self, desk: DeskUnderTest) -> None:
        raised(desk, alert("long-ago", **FAILURE, client="client-7"))
        desk.later(days=30)
        results = raised(desk, *(alert(name, **FAILURE) for name in "abc"))
        assert names_in(desk, results[2]["incident"]) == set("abc")
        assert cases(desk, results[2]["incident"]) == []


class TestClients:
    def test_each_client_that_one_request_names_becomes_a_case(self, desk: DeskUnderTest) -> None:
        first, _ = raised(desk, alert("a", client="client-7"), alert("a", client="client-8", note="more"))
        assert cases(desk, first["incident"]) == ["client-7", "client-8"]

    def test_a_client_that_a_merged_alert_names_becomes_a_case_where_it_went(
        self, desk: DeskUnderTest
    ) -> None:
        (older,), (younger,) = raised(desk, alert("a")), raised(desk, alert("b"))
        with desk.store.writing() as session:
            first, second = session.exec(select(Incident).order_by(col(Incident.id))).all()
            second.state, second.into_id = "merged", first.id
            session.add(second)
        (news,) = raised(desk, alert("b", client="client-8", note="news"))
        assert news["incident"] == older["incident"] != younger["incident"]
        assert cases(desk, older["incident"]) == ["client-8"]


class TestSplitting:
    @pytest.mark.parametrize("backend", ["postgresql"])
    def test_an_alert_that_comes_meanwhile_takes_no_group_back(self, desk: DeskUnderTest) -> None:
        first, _ = raised(desk, alert("a", account="agent-17"), alert("b", account="agent-17"))
        with ThreadPoolExecutor(1) as pool:
            with deciding(desk.house, first["incident"]) as decision:
                child = split(decision, [numbers(desk)["b"]], "", "commander-1", "Another matter.").ref
                meanwhile = pool.submit(raised, desk, alert("c", account="agent-17"))
                until(lambda: waits_for_a_lock(desk))
            assert meanwhile.result()[0]["result"] == "joined"
        (later,) = raised(desk, alert("d", account="agent-17"))
        assert later["incident"] == child

    def test_a_group_that_leads_to_a_third_incident_goes_on_to_lead_there(self, desk: DeskUnderTest) -> None:
        (first, _) = raised(
            desk, alert("a", account="agent-17"), alert("b", account="agent-17", host="desk-1")
        )
        desk.later(hours=5)
        (third,) = raised(desk, alert("c", host="desk-1"))
        assert third["result"] == "opened"
        with deciding(desk.house, first["incident"]) as decision:
            split(decision, [numbers(desk)["b"]], "", "commander-1", "Another matter.")
        (later,) = raised(desk, alert("d", host="desk-1"))
        assert later["incident"] == third["incident"]


def numbers(desk: DeskUnderTest) -> dict[str, int]:
    """The number of each alert by its title."""
    with desk.store.reading() as session:
        return {one.title: one.id or 0 for one in session.exec(select(Alert))}


def waits_for_a_lock(desk: DeskUnderTest) -> bool:
    with desk.store.engine.connect() as connection:
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        return bool(connection.exec_driver_sql(waiting).scalar_one())
