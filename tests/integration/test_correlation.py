"""Alerts that belong together, over HTTP on both databases: one incident, nothing lost, nothing mixed up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from flows.exercise.stepping import begin_exercise
from store import timeline
from store.database import Store
from store.tables import Alert, AlertGroup, Incident, TimelineEntry
from tests.harness.desks import (
    NOON,
    DeskUnderTest,
    add_client,
    add_source,
    clients_of_incident,
    desk_on,
    house_on,
)

RULES = """
correlation:
  - id: many-failures
    when: category == "identity"
    by: [account]
    window: 1h
    threshold: 3
    why: One failure is a slip of the hand.
  - id: policy-is-for-a-person
    when: category == "policy"
    by: [account]
    window: 1h
    then: candidate
    why: Somebody should look first.
"""


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Iterator[DeskUnderTest]:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "own.yaml").write_text(RULES)
    add_source(store, "siem", playbook="")
    add_source(store, "other", playbook="")
    with desk_on(house_on(store, tmp_path, SEVENTYTWO_ALERT_RULES=str(rules))) as desk:
        yield desk


def raised(desk: DeskUnderTest, name: str, source: str = "siem", **more: Any) -> dict[str, Any]:
    answer = desk.raise_alert(source, {"title": name, "fingerprint": name, "severity": "high", **more})
    assert answer.status_code == 202, answer.text
    return dict(answer.json()["results"][0])


def incidents(desk: DeskUnderTest) -> list[Incident]:
    with desk.store.reading() as session:
        return list(session.exec(select(Incident).order_by(col(Incident.id))))


def chain(desk: DeskUnderTest, ref: str, kind: str) -> list[TimelineEntry]:
    with desk.store.reading() as session:
        timeline.verify(session, ref)
        return [one for one in timeline.entries(session, ref) if one.kind == kind]


def test_alerts_of_one_account_from_two_tools_are_one_incident_within_the_window(desk: DeskUnderTest) -> None:
    first = raised(desk, "a", account="agent-17", host="desk-1")
    desk.later(hours=3, minutes=59)
    second = raised(desk, "b", "other", account="AGENT-17", host="desk-2")
    assert (second["result"], second["incident"]) == ("joined", first["incident"])
    assert second["why"] == f"same-account as {first['incident']}, within 4 h"
    (told,) = chain(desk, first["incident"], "alerts_joined")
    assert told.payload is not None
    assert (told.author, told.payload["alerts"]) == ("source:other", 1)
    desk.later(hours=3)  # the second alert prolonged it
    assert raised(desk, "c", account="agent-17")["incident"] == first["incident"]
    desk.later(hours=4, seconds=1)
    late = raised(desk, "d", account="agent-17")
    assert late["result"] == "opened"
    assert late["incident"] != first["incident"]


def test_alerts_that_came_before_an_incident_was_begun_are_told_when_it_begins(desk: DeskUnderTest) -> None:
    desk.begins = False
    first = raised(desk, "a", account="agent-17")
    raised(desk, "b", account="agent-17")
    desk.begins = True
    raised(desk, "c", account="agent-17")
    (told,) = chain(desk, first["incident"], "alerts_joined")
    assert told.payload is not None
    assert told.payload["alerts"] == 2


def test_a_closed_incident_takes_no_more_and_the_group_leads_to_the_next(desk: DeskUnderTest) -> None:
    first = raised(desk, "a", account="agent-17")
    with desk.store.deciding(first["incident"]) as (session, incident):
        incident.state = "closed"
        session.add(incident)
    second = raised(desk, "b", account="agent-17")
    assert second["result"] == "opened"
    assert raised(desk, "c", account="agent-17")["incident"] == second["incident"]


def test_two_playbooks_of_one_client_stay_apart_and_one_is_joined(desk: DeskUnderTest) -> None:
    add_client(desk.store, "client-7", "Seven")
    first = raised(desk, "a", client="client-7", category="ransomware")
    other = raised(desk, "b", client="client-7", category="mailbox")
    assert first["incident"] != other["incident"]
    assert raised(desk, "c", client="client-7", category="ransomware")["incident"] == first["incident"]


def test_the_clients_of_joined_alerts_become_cases_and_unknown_stays_unknown(desk: DeskUnderTest) -> None:
    for ref in ("client-7", "client-8"):
        add_client(desk.store, ref, ref)
    first = raised(desk, "a", account="agent-17")
    assert cases(desk, first["incident"]) == []
    raised(desk, "b", account="agent-17", client="client-8")
    raised(desk, "c", account="agent-17", client="nobody-we-know")
    raised(desk, "d", account="agent-17", client="CLIENT-7")
    assert cases(desk, first["incident"]) == ["client-7", "client-8"]


def cases(desk: DeskUnderTest, ref: str) -> list[str]:
    return clients_of_incident(desk.store, ref)


def test_what_tools_call_a_client_leads_to_its_case_in_any_case_of_letters(desk: DeskUnderTest) -> None:
    add_client(desk.store, "client-7", "Seven", "aws:111122223333")
    add_client(desk.store, "client-8", "Eight", "eight.example")
    by_cloud = raised(desk, "a", client="AWS:111122223333")
    assert cases(desk, by_cloud["incident"]) == ["client-7"]
    by_domain = raised(desk, "b", account="someone@eight.example")
    assert cases(desk, by_domain["incident"]) == ["client-8"]


def test_a_source_of_one_client_speaks_of_no_other(desk: DeskUnderTest) -> None:
    seven = add_client(desk.store, "client-7", "Seven")
    add_client(desk.store, "client-8", "Eight")
    add_source(desk.store, "of-seven", playbook="", client_id=seven)
    opened = raised(desk, "a", "of-seven", client="client-8")
    assert cases(desk, opened["incident"]) == ["client-7"]


def test_machines_of_two_clients_that_bear_one_name_are_two_and_an_account_is_one(
    desk: DeskUnderTest,
) -> None:
    for name in ("seven", "eight"):
        client_id = add_client(desk.store, f"client-{name}", name)
        add_source(desk.store, f"edr-of-{name}", playbook="", client_id=client_id)
        add_source(desk.store, f"siem-of-{name}", playbook="", client_id=client_id)
    opened = raised(desk, "a", "edr-of-seven", host="dc01")
    apart = raised(desk, "b", "edr-of-eight", host="dc01")
    assert (apart["result"], cases(desk, apart["incident"])) == ("opened", ["client-eight"])
    assert raised(desk, "c", "siem-of-seven", host="DC01")["incident"] == opened["incident"]
    assert cases(desk, opened["incident"]) == ["client-seven"]
    deed = raised(desk, "d", "edr-of-seven", account="agent-17")
    assert raised(desk, "e", "edr-of-eight", account="agent-17")["incident"] == deed["incident"]


def test_too_few_alerts_wait_for_each_other_and_open_together(desk: DeskUnderTest) -> None:
    held = [raised(desk, name, account="agent-17", category="identity") for name in ("a", "b")]
    assert [one["result"] for one in held] == ["held", "held"]
    assert incidents(desk) == []
    opened = raised(desk, "c", account="agent-17", category="identity")
    assert opened["result"] == "opened"
    with desk.store.reading() as session:
        assert {one.incident_id for one in session.exec(select(Alert))} == {incidents(desk)[0].id}


def test_what_waited_too_long_is_counted_from_the_start(desk: DeskUnderTest) -> None:
    raised(desk, "a", account="agent-17", category="identity")
    desk.later(hours=1, seconds=1)
    raised(desk, "b", account="agent-17", category="identity")
    assert raised(desk, "c", account="agent-17", category="identity")["result"] == "held"
    assert raised(desk, "d", account="agent-17", category="identity")["result"] == "opened"


def test_a_candidate_takes_what_is_for_a_person_too_and_hides_nothing_real(desk: DeskUnderTest) -> None:
    candidate = raised(desk, "a", account="agent-17", category="policy")
    assert candidate["result"] == "candidate"
    same = raised(desk, "b", account="agent-17", category="policy")
    assert same["incident"] == candidate["incident"]
    real = raised(desk, "c", account="agent-17", category="ransomware")
    assert real["result"] == "opened"
    assert raised(desk, "d", account="agent-17", category="malware")["incident"] == real["incident"]
    assert [one.state for one in incidents(desk)] == ["candidate", "open"]


def test_an_exercise_never_meets_what_is_real(desk: DeskUnderTest) -> None:
    with desk.store.writing() as session:
        exercise = begin_exercise(session, "drill", NOON, NOON)
        number = exercise.id
    add_source(desk.store, "drill", playbook="", exercise_id=number)
    real = raised(desk, "a", account="agent-17")
    rehearsed = raised(desk, "a", "drill", account="agent-17")
    assert rehearsed["incident"] != real["incident"]
    assert [one.kind for one in incidents(desk)] == ["real", "exercise"]


def test_a_batch_of_many_alerts_opens_one_incident_for_each_group(desk: DeskUnderTest) -> None:
    body = [
        {"title": f"n{number}", "fingerprint": f"n{number}", "account": f"agent-{number % 3}"}
        for number in range(300)
    ]
    answer = desk.raise_alert("siem", body)
    assert answer.status_code == 202
    results = [one["result"] for one in answer.json()["results"]]
    assert (results.count("opened"), results.count("joined")) == (3, 297)
    with desk.store.reading() as session:
        assert len(session.exec(select(Alert)).all()) == 300
        groups = session.exec(select(AlertGroup).where(AlertGroup.rule == "same-account")).all()
        assert [one.alerts for one in groups] == [100, 100, 100]
        assert max(one.last_at for one in groups) - NOON < timedelta(seconds=1)


def test_a_merged_incident_hands_its_alerts_to_the_one_that_took_it_over(desk: DeskUnderTest) -> None:
    first, second = raised(desk, "a", account="one"), raised(desk, "b", account="two")
    with desk.store.writing() as session:
        older, younger = session.exec(select(Incident).order_by(col(Incident.id))).all()
        younger.state, younger.into_id = "merged", older.id
        session.add(younger)
    assert raised(desk, "b", account="two", note="news")["incident"] == first["incident"]
    joined = raised(desk, "c", account="two")
    assert (joined["result"], joined["incident"]) == ("joined", first["incident"])
    assert second["incident"] != first["incident"]
