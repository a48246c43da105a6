"""Alerts that are another matter open an incident of their own, with the earliest anchors of the first."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from flows.circle import kept_out
from flows.gathering import cases_of
from store.database import Store
from store.tables import Client, Incident
from tests.harness.matters import (
    Matters,
    alerts_of,
    begin_matters,
    entries,
    known,
    questions,
    said,
    walk_of,
)
from tests.harness.walks import OURS, START, THEIRS, Walk


@pytest.fixture
def matters(store: Store, tmp_path: Path) -> Matters:
    return begin_matters(store, tmp_path)


def split(walk: Walk, numbers: list[int], **more: str) -> str:
    about = ", ".join(map(str, numbers))
    return walk.command("split", about=about, **{"reason": "Another account did that.", **more})


def child_of(walk: Walk) -> Walk:
    with walk.house.store.reading() as session:
        parent = walk.incident(session).id
        ref = session.exec(select(Incident.ref).where(Incident.split_from_id == parent)).one()
    return walk_of(walk, ref)


def test_named_alerts_open_an_incident_with_the_earliest_anchor_and_the_others_stay(matters: Matters) -> None:
    walk = matters.matter(alerts=3, clients=(THEIRS,), aware_at=START - timedelta(hours=3))
    first, second, third = alerts_of(walk)
    assert not split(walk, [second, third])
    child = child_of(walk)
    assert (alerts_of(walk), alerts_of(child)) == ([first], [second, third])
    assert child.state == walk.state == "open"
    assert known(child).incident["aware_at"] == START - timedelta(hours=3)
    with walk.house.store.reading() as session:
        incident = child.incident(session)
        cases = cases_of(session, incident.id or 0)
        assert [session.get_one(Client, case.client_id).ref for case in cases] == [THEIRS]
        assert incident.severity == "high"
        assert incident.exercise_id == matters.first.exercise_id
    assert entries(walk, "incident_split")[0]["alerts"] == [second, third]
    assert entries(child, "split_from")[0] == {
        "from": walk.ref,
        "alerts": [second, third],
        "why": "Another account did that.",
    }
    assert said(walk, "incident_split")[0]["other"] == child.ref
    assert {"command", "step"} <= {one.kind for one in questions(child)}


def test_the_playbook_is_named_or_chosen_by_the_rules_and_never_guessed(matters: Matters) -> None:
    walk = matters.matter(alerts=3, clients=(OURS,))
    second = alerts_of(walk)[1]
    assert "no such playbook" in split(walk, [second], value="no-such")
    assert not split(walk, [second], value="ransomware")
    child = child_of(walk)
    with walk.house.store.reading() as session:
        assert child.incident(session).playbook == "ransomware"


@pytest.mark.parametrize(
    ("about", "told"),
    [("", "by their numbers"), ("1x", "by their numbers"), ("99999", "not among the incident's alerts")],
)
def test_what_names_no_alert_of_it_is_refused(matters: Matters, about: str, told: str) -> None:
    walk = matters.matter(alerts=2)
    assert told in walk.command("split", about=about, reason="Another matter.")


def test_at_least_one_alert_stays(matters: Matters) -> None:
    walk = matters.matter(alerts=2)
    assert "at least one alert must stay" in split(walk, alerts_of(walk))
    assert len(alerts_of(walk)) == 2


def test_whoever_is_kept_out_stays_out_of_both(matters: Matters) -> None:
    walk = matters.matter(alerts=2)
    assert not walk.command("exclude", to_whom="it-1", reason="It is about them.")
    assert not split(walk, alerts_of(walk)[1:])
    child = child_of(walk)
    with walk.house.store.reading() as session:
        assert kept_out(session, child.incident(session).id or 0) == {"it-1"}


def test_alerts_of_a_merged_incident_may_be_split_off_again(matters: Matters) -> None:
    older, younger = matters.matter(), matters.matter(alerts=2)
    theirs = alerts_of(younger)
    assert not younger.command("merge", about=older.ref, reason="One deed.")
    assert not split(older, theirs)
    assert alerts_of(child_of(older)) == theirs


def test_an_incident_that_more_may_know_of_does_not_tell_which_restricted_one_goes_on(
    matters: Matters,
) -> None:
    walk = matters.matter(alerts=2)
    assert not split(walk, alerts_of(walk)[1:], value="insider-misuse")
    child = child_of(walk)
    assert child.ref not in str(entries(walk, "incident_split") + said(walk, "incident_split"))
    assert said(walk, "incident_split")[0]["other"] == "another incident"
    assert entries(child, "split_from")[0]["from"] == walk.ref
