"""Quiet windows hold back and let go; announced tests hold nothing back, and somebody looks at each match."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from flows.asserting import assert_facts
from flows.beginning import begin_all
from flows.clock import wall_now
from flows.deciding import deciding
from flows.desk.kinship import kinship_shown
from flows.desk.look import Look
from flows.gathering import view_of
from flows.law.duties import duties_of
from flows.releasing import release_held
from flows.windows import NewWindow, active_windows, add_window, end_window, windows
from playbooks.errors import Mend, NotFound, Refused
from store import timeline
from store.database import Store
from store.tables import Alert, Case, Incident, Message, Responder, TimelineEntry
from tests.harness.desks import DeskUnderTest, add_client, add_responder, add_source, desk_on, house_on, until

TITLE = "Someone is scanning example.org"
WHY = "The mail servers are moved tonight."
COMMANDER = "commander-1"


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Iterator[DeskUnderTest]:
    add_source(store, "siem", playbook="")
    add_source(store, "mail")
    add_responder(store, COMMANDER)
    with desk_on(house_on(store, tmp_path)) as desk:
        desk.wall = wall_now()
        yield desk


def post(desk: DeskUnderTest, fingerprint: str, *, source: str = "siem", **alert: Any) -> dict[str, Any]:
    """What becomes of an alert."""
    body = {"title": TITLE, "severity": "high", "fingerprint": fingerprint, **alert}
    answer = desk.raise_alert(source, body)
    assert answer.status_code == 202, answer.text
    return dict(answer.json()["results"][0])


def window(desk: DeskUnderTest, kind: str = "quiet", **given: Any) -> int:
    at = desk.wall
    told = {"begins_at": at, "until": at + timedelta(hours=4), "why": WHY, "source": "siem", **given}
    with desk.store.writing() as session:
        return add_window(session, NewWindow(kind, **told), COMMANDER, at)  # type: ignore[arg-type]


def end(desk: DeskUnderTest, number: int, kind: str = "quiet") -> None:
    with desk.store.writing() as session:
        end_window(session, kind, number, COMMANDER, wall_now())  # type: ignore[arg-type]


def told(desk: DeskUnderTest, kind: str) -> list[dict[str, Any]]:
    with desk.store.reading() as session:
        return [row.fields for row in session.exec(select(Message).where(Message.kind == kind))]


def house_entries(desk: DeskUnderTest) -> list[str]:
    with desk.store.reading() as session:
        rows = session.exec(select(TimelineEntry).where(TimelineEntry.chain == "house"))
        return [row.kind for row in rows]


def incidents(desk: DeskUnderTest) -> list[Incident]:
    with desk.store.reading() as session:
        return list(session.exec(select(Incident).order_by(Incident.ref)))


def aware_at(desk: DeskUnderTest, number: int = 0) -> object:
    """When an incident says that we were aware."""
    with desk.store.reading() as session:
        return view_of(session, incidents(desk)[number].id or 0).incident["aware_at"]


class TestQuiet:
    def test_what_it_holds_and_still_fires_is_opened_once_when_it_is_ended(self, desk: DeskUnderTest) -> None:
        number = window(desk)
        assert post(desk, "a")["result"] == "suppressed"
        assert incidents(desk) == []
        assert release_held(desk.house) == 0, "it is in force"
        end(desk, number)
        assert release_held(desk.house) == 1
        assert release_held(desk.house) == 0
        (incident,) = incidents(desk)
        assert incident.pending == "begin"
        (said,) = told(desk, "quiet_ended")
        assert (said["window"], said["held"], said["opened"]) == (number, 1, 1)
        assert house_entries(desk)[-1] == "quiet_window_over"
        with desk.store.reading() as session:
            (alert,) = session.exec(select(Alert)).all()
        assert (alert.occurrences, alert.window_id, alert.incident_id) == (1, None, incident.id)

    def test_the_clock_counts_from_when_the_alert_came(self, desk: DeskUnderTest) -> None:
        number, came = window(desk, begins_at=desk.wall - timedelta(hours=3)), desk.wall
        post(desk, "a")
        end(desk, number)
        release_held(desk.house)
        with desk.store.reading() as session:
            view = view_of(session, incidents(desk)[0].id or 0)
        assert view.incident["aware_at"] == came
        assert begin_all(desk.house) == 1

    def test_the_clock_counts_from_then_also_if_the_alert_is_sooner_back_than_let_go(
        self, desk: DeskUnderTest
    ) -> None:
        came = desk.wall
        window(desk)
        post(desk, "a")
        desk.later(hours=5)
        assert post(desk, "a", note="still")["result"] == "opened"
        assert aware_at(desk) == came

    def test_the_clock_counts_from_then_also_if_the_alert_outgrows_the_window(
        self, desk: DeskUnderTest
    ) -> None:
        came = desk.wall
        window(desk, match='severity == "low"')
        post(desk, "a", severity="low")
        desk.later(hours=1)
        assert post(desk, "a", severity="critical")["result"] == "opened"
        assert aware_at(desk) == came

    def test_the_clocks_of_what_it_joins_count_from_then_too_unless_a_person_said_otherwise(
        self, desk: DeskUnderTest
    ) -> None:
        came = desk.wall
        window(desk)
        for name in ("a", "b"):
            post(desk, name, account=f"agent-{name}")
        desk.later(hours=5)
        opened = [post(desk, f"of-{name}", source="mail", account=f"agent-{name}") for name in ("a", "b")]
        with deciding(desk.house, opened[1]["incident"]) as decision:
            assert_facts(decision, {"aware_at": desk.wall}, author=COMMANDER)
        for name in ("a", "b"):
            assert post(desk, name, account=f"agent-{name}", note="still")["result"] == "joined"
        assert [aware_at(desk, at) for at in (0, 1)] == [came, desk.wall]
        with desk.store.reading() as session:
            duties = duties_of(session, incidents(desk)[0].id or 0)
        assert came in {one.anchor_at for one in duties}
        assert {one.pending for one in incidents(desk)} == {""}

    def test_what_was_resolved_and_is_back_counts_from_when_it_is_back(self, desk: DeskUnderTest) -> None:
        window(desk)
        post(desk, "a")
        post(desk, "a", status="resolved")
        desk.later(hours=5)
        assert post(desk, "a")["result"] == "opened"
        assert aware_at(desk) == desk.wall

    def test_what_was_resolved_meanwhile_stays_closed(self, desk: DeskUnderTest) -> None:
        number = window(desk)
        post(desk, "a")
        assert post(desk, "a", status="resolved")["result"] == "suppressed"
        end(desk, number)
        assert release_held(desk.house) == 0
        assert incidents(desk) == []
        assert told(desk, "quiet_ended") == []

    def test_news_of_an_open_incident_is_not_held(self, desk: DeskUnderTest) -> None:
        assert post(desk, "a")["result"] == "opened"
        window(desk)
        numbers = count()
        until(lambda: post(desk, f"other-{next(numbers)}")["result"] == "suppressed")
        assert post(desk, "a", severity="critical")["result"] == "joined"
        assert post(desk, "a", status="resolved")["result"] == "joined"

    def test_it_holds_only_what_it_is_about(self, desk: DeskUnderTest) -> None:
        window(desk, match='severity == "low"')
        assert post(desk, "a")["result"] == "opened"
        assert post(desk, "b", source="mail", severity="low")["result"] == "opened"
        assert post(desk, "c", severity="low")["result"] == "suppressed"

    def test_what_another_window_holds_still_waits_for_that_one(self, desk: DeskUnderTest) -> None:
        first = window(desk)
        post(desk, "a")
        second = window(desk, until=desk.wall + timedelta(days=2))
        end(desk, first)
        assert release_held(desk.house) == 0
        end(desk, second)
        assert release_held(desk.house) == 1

    def test_an_alert_that_a_desk_held_a_moment_too_long_is_not_forgotten(self, desk: DeskUnderTest) -> None:
        number = window(desk)
        post(desk, "a")
        end(desk, number)
        release_held(desk.house)
        with desk.store.writing() as session:
            alert = session.exec(select(Alert)).one()
            alert.incident_id, alert.window_id, alert.fingerprint = None, number, "late"
            session.add(alert)
        assert release_held(desk.house) == 1

    def test_a_client_that_is_known_by_its_end_becomes_a_case(self, desk: DeskUnderTest) -> None:
        number = window(desk)
        post(desk, "a", client="client-9")
        add_client(desk.store, "client-9", "Nine")
        end(desk, number)
        release_held(desk.house)
        begin_all(desk.house)
        with desk.store.reading() as session:
            assert len(session.exec(select(Case)).all()) == 1

    def test_alerts_of_one_account_open_one_incident(self, desk: DeskUnderTest) -> None:
        number = window(desk)
        for name in ("a", "b", "c"):
            post(desk, name, account="agent-17")
        end(desk, number)
        assert release_held(desk.house) == 1
        (incident,) = incidents(desk)
        with desk.store.reading() as session:
            assert {one.incident_id for one in session.exec(select(Alert))} == {incident.id}

    def test_two_watches_open_it_once(self, desk: DeskUnderTest) -> None:
        number = window(desk)
        for name in ("a", "b", "c"):
            post(desk, name)
        end(desk, number)
        with ThreadPoolExecutor(2) as pool:
            opened = list(pool.map(lambda _: release_held(desk.house), range(2)))
        assert sum(opened) == len(incidents(desk)) == 3
        assert len(told(desk, "quiet_ended")) == 1

    def test_one_that_cannot_be_read_keeps_no_other_and_is_tried_again(self, desk: DeskUnderTest) -> None:
        number = window(desk)
        for name in ("a", "b"):
            post(desk, name)
        end(desk, number)
        with desk.store.writing() as session:
            first = session.exec(select(Alert).order_by(col(Alert.id))).first()
            assert first is not None
            first.reading = {"observables": [["account"]]}
            session.add(first)
        assert release_held(desk.house) == 1
        assert told(desk, "quiet_ended") == [], "it is not looked after yet"
        with desk.store.writing() as session:
            first = session.get_one(Alert, first.id)
            first.reading = {}
            session.add(first)
        assert release_held(desk.house) == 1
        assert len(incidents(desk)) == 2


class TestAnnounced:
    def test_what_matches_becomes_a_candidate_that_names_the_test_and_is_told(
        self, desk: DeskUnderTest
    ) -> None:
        number = window(desk, "test", contact="red-team@example.org")
        result = post(desk, "a")
        assert result["result"] == "candidate"
        begin_all(desk.house)
        (incident,) = incidents(desk)
        assert incident.state == "candidate"
        (said,) = told(desk, "test_matched")
        assert said["window"] == number
        assert "red-team" not in str(said)
        assert TITLE not in str(told(desk, "candidate_opened") + told(desk, "test_matched"))
        with desk.store.reading() as session:
            kinds = [one.kind for one in timeline.entries(session, incident.ref)]
            reader = session.exec(select(Responder)).one()
            shown = kinship_shown(Look(session, incident, reader, wall_now())).tests
        assert "test_matched" in kinds
        assert [(one.number, one.contact, one.why) for one in shown] == [
            (number, "red-team@example.org", WHY)
        ]

    def test_it_counts_from_its_beginning_to_its_end(self, desk: DeskUnderTest) -> None:
        at = desk.wall
        number = window(desk, "test", contact="x", begins_at=at + timedelta(hours=1))
        for later, counts in ((0, 0), (1, 1), (3, 1), (4, 0)):
            with desk.store.reading() as session:
                assert len(active_windows(session, at + timedelta(hours=later))) == counts
        with desk.store.reading() as session:
            ((row, source, client, matched),) = windows(session, "test")
        assert (row.id, source, client, matched) == (number, "siem", "", 0)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"until": timedelta(days=31)}, "30 days at most"),
        ({"until": timedelta(0)}, "end before it begins"),
        ({"why": " "}, "needs a reason"),
        ({"source": ""}, "every alert of the house"),
        ({"source": "nobody"}, "no such source"),
        ({"client": "nobody"}, "no such client"),
        ({"match": "severity =="}, "match|value|expression|end"),
        ({"match": 'colour == "red"'}, "colour"),
    ],
)
def test_a_window_that_hides_too_much_or_says_nothing_is_refused(
    desk: DeskUnderTest, given: dict[str, Any], told: str
) -> None:
    if "until" in given:
        given = {**given, "until": desk.wall + given["until"]}
    with pytest.raises((Mend, NotFound), match=told):
        window(desk, **given)


def test_only_a_commander_announces_one_and_it_ends_once(desk: DeskUnderTest) -> None:
    number = window(desk)
    end(desk, number)
    with pytest.raises(Refused, match="over already"):
        end(desk, number)
    with pytest.raises(NotFound, match="no such test window"):
        end(desk, number, "test")
    with desk.store.writing() as session:
        row = session.exec(select(Responder)).one()
        row.roles = ["it"]
        session.add(row)
    with pytest.raises(Refused, match="only a commander"):
        window(desk)


def test_windows_are_written_into_the_chain_of_the_house(desk: DeskUnderTest) -> None:
    end(desk, window(desk))
    end(desk, window(desk, "test", contact="x"), "test")
    assert house_entries(desk) == [
        "quiet_window_added",
        "quiet_window_ended",
        "test_window_added",
        "test_window_ended",
    ]
