"""What was signed and not understood is kept, read again after a mend, stored once, and ends by policy."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select, update

from flows.desk.app import prune
from flows.intake import replaying
from flows.intake.batch import intake_of
from flows.intake.replaying import Replayed
from playbooks.errors import Mend, NotFound, Refused
from store.database import Store
from store.tables import Alert, AlertGroup, Evidence, Incident, Message, Quarantine, Source, TimelineEntry
from tests.harness.databases import SqliteFiles
from tests.harness.desks import NOON, DeskUnderTest, add_source, desk_on, house_on, signed, until
from tests.harness.terminal import Terminal

LATER = NOON + timedelta(days=3)
OURS = b'{"title": "A bulk download", "severity": "high", "fingerprint": "bulk-1"}'


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Iterator[DeskUnderTest]:
    add_source(store, "siem", "alertmanager")
    with desk_on(house_on(store, tmp_path)) as desk:
        desk.begins = False
        yield desk


def again(desk: DeskUnderTest, number: int, kind: str = "", at: datetime = LATER) -> Replayed:
    return replaying.replay(desk.store, intake_of(desk.house), number, "commander-1", at, kind)


def test_what_is_understood_after_a_mend_is_stored_as_of_when_it_came_and_once(desk: DeskUnderTest) -> None:
    assert desk.raise_alert("siem", OURS).status_code == 422
    with desk.store.reading() as session:
        (kept,) = replaying.kept(session)
        assert (kept.source, kept.received_at, kept.replayed_at) == ("siem", NOON, None)
        assert kept.size
        assert replaying.body_of(session, kept.number) == OURS
    assert again(desk, kept.number).stays  # nothing was mended
    with desk.store.writing() as session:
        session.execute(update(Source).values(kind="generic"))
    done = again(desk, kept.number)
    assert (done.results, len(done.incidents)) == ({"opened": 1}, 1)
    with pytest.raises(Refused, match="already"):
        again(desk, kept.number)
    with desk.store.reading() as session:
        alert, incident = session.exec(select(Alert)).one(), session.exec(select(Incident)).one()
        assert (alert.first_seen_at, alert.occurrences) == (NOON, 1)
        assert incident.ref == done.incidents[0]
        assert session.exec(select(Quarantine.replayed_at)).one() == LATER
        assert replaying.waiting(session) == []
        noted = session.exec(select(TimelineEntry).where(TimelineEntry.kind == "quarantine_replayed")).all()
    assert [entry.author for entry in noted] == ["commander-1"] * 2
    assert "bulk" not in str(noted[-1].payload)


def test_what_is_still_not_understood_stays_with_its_new_reason(desk: DeskUnderTest) -> None:
    desk.raise_alert("siem", b'{"title": 7}')
    done = again(desk, 1, kind="generic")
    assert "title" in done.stays
    with desk.store.reading() as session:
        row = session.exec(select(Quarantine)).one()
        assert (row.fault, row.replayed_at) == (done.stays, None)
        assert replaying.waiting(session) == [1]


def test_two_who_replay_the_same_at_once_store_it_once(desk: DeskUnderTest) -> None:
    desk.raise_alert("siem", OURS)

    def try_it(_: int) -> Any:
        try:
            return again(desk, 1, kind="generic").results
        except Refused:
            return None

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(try_it, range(4)))
    assert sorted(told, key=str) == [None, None, None, {"opened": 1}]
    with desk.store.reading() as session:
        assert session.exec(select(Alert)).one().occurrences == 1


def test_what_cannot_be_replayed_says_why(desk: DeskUnderTest) -> None:
    desk.raise_alert("siem", OURS)
    with pytest.raises(NotFound):
        again(desk, 99)
    with pytest.raises(Mend):
        again(desk, 1, kind="nonsense")
    with desk.store.writing() as session:
        session.execute(update(Quarantine).values(body=None))
    with pytest.raises(Refused, match="expired"):
        again(desk, 1)


def test_an_adapter_that_stumbles_costs_no_alert(
    desk: DeskUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumbles(kind: str, body: bytes) -> None:
        raise KeyError(body)

    monkeypatch.setattr("flows.intake.understanding.read_claims", stumbles)
    assert desk.raise_alert("siem", OURS).status_code == 422
    monkeypatch.undo()
    assert again(desk, 1, kind="generic").results == {"opened": 1}


def test_at_the_console_bodies_are_shown_on_request_only_and_inert(
    sqlite_files: SqliteFiles, tmp_path: Path
) -> None:
    sqlite_files.new(tmp_path)
    terminal = Terminal(tmp_path)
    terminal.enrol("commander-1", "--role", "commander", "--no-qr")
    store = terminal.store()
    add_source(store, "siem", "alertmanager")
    with desk_on(house_on(store, tmp_path)) as desk:
        desk.begins = False
        bodies = [b'{"title": "\x1b[31mviolet', OURS]
        for body in bodies:
            desk.post("siem", body, **signed(body, desk.wall))
    store.close()
    quarantine = ("alert", "quarantine")
    listed = terminal.ok(*quarantine, "list")
    assert "siem" in listed
    assert "violet" not in listed
    assert [one["number"] for one in json.loads(terminal.ok(*quarantine, "list", "--json"))] == [2, 1]
    shown = terminal.ok(*quarantine, "list", "--show", "1")
    assert shown == '{"title": "violet\n'
    assert "needs it" in terminal.run(*quarantine, "replay", "2").stderr.replace("\n", " ")
    told = terminal.ok(*quarantine, "replay", "--all", "--kind", "generic", *terminal.by("commander-1"))
    first, second = told.splitlines()
    assert first.startswith("1: stays: ")
    assert second.startswith("2: 1 opened (INC-")


class TestExpiry:
    def sent(self, desk: DeskUnderTest, *names: str) -> dict[str, int]:
        with desk.store.writing() as session:
            session.execute(update(Source).values(kind="generic"))
        with desk_on(desk.house) as fresh:
            fresh.begins = False
            for name in names:
                body = json.dumps({"title": name, "fingerprint": name}).encode()
                assert fresh.post("siem", body, **signed(body, fresh.wall)).status_code == 202
        with desk.store.reading() as session:
            return {alert.title: alert.id or 0 for alert in session.exec(select(Alert))}

    def left(self, desk: DeskUnderTest) -> set[str]:
        with desk.store.reading() as session:
            return {alert.title for alert in session.exec(select(Alert)) if alert.payload is not None}

    def state(self, desk: DeskUnderTest, title: str, **values: Any) -> int:
        with desk.store.writing() as session:
            number = session.exec(select(Alert.incident_id).where(Alert.id == self.ids[title])).one()
            if values:
                session.execute(update(Incident).where(col(Incident.id) == number).values(**values))
        assert number is not None
        return number

    def test_what_an_open_incident_or_evidence_needs_is_spared(self, desk: DeskUnderTest) -> None:
        desk.raise_alert("siem", b"{")
        self.ids = self.sent(desk, "open", "candidate", "closed", "merged", "record", "young")
        live = self.state(desk, "open")
        self.state(desk, "candidate", state="candidate")
        self.state(desk, "closed", state="closed")
        self.state(desk, "merged", state="merged", into_id=live)
        recorded = self.state(desk, "record", state="false_positive")
        self.state(desk, "young", state="closed")
        with desk.store.writing() as session:
            young = col(Alert.id) == self.ids["young"]
            session.execute(update(Alert).where(young).values(last_seen_at=NOON + timedelta(days=60)))
            evidence = Evidence(
                incident_id=recorded, number=1, kind="record", title="t", custodian="c", collected_by="c",
                origin=f"alert {self.ids['record']}", collected_at=NOON, recorded_at=NOON,
            )  # fmt: skip
            session.add(evidence)
        prune(desk.house, NOON + timedelta(days=90))
        assert len(self.left(desk)) == 6
        prune(desk.house, NOON + timedelta(days=91))
        assert self.left(desk) == {"open", "candidate", "merged", "record", "young"}
        with desk.store.reading() as session:
            assert session.exec(select(Quarantine)).one().body is None
            noted = session.exec(select(TimelineEntry).where(TimelineEntry.kind == "payloads_expired")).one()
        assert noted.payload == {"older_than_days": 90, "payloads": 1, "quarantined": 1}
        self.state(desk, "open", state="closed")
        with desk.store.writing() as session:
            session.execute(update(Evidence).values(disposed_at=NOON))
        prune(desk.house, NOON + timedelta(days=91))
        assert self.left(desk) == {"candidate", "young"}

    def test_zero_days_keep_for_ever(self, sqlite_store: Store, tmp_path: Path) -> None:
        add_source(sqlite_store, "siem", "alertmanager")
        house = house_on(sqlite_store, tmp_path, SEVENTYTWO_ALERT_PAYLOAD_DAYS="0")
        with desk_on(house) as desk:
            desk.raise_alert("siem", b"{")
        prune(house, NOON + timedelta(days=9_000))
        with sqlite_store.reading() as session:
            assert session.exec(select(Quarantine)).one().body is not None

    def test_a_group_past_its_window_goes_and_what_waited_with_it_waits_no_more(
        self, desk: DeskUnderTest
    ) -> None:
        self.ids = self.sent(desk, "waiting")
        with desk.store.writing() as session:
            for age in (31, 30):
                at = NOON - timedelta(days=age, hours=1)
                session.add(AlertGroup(digest=f"{age}", rule="r", began_at=at, last_at=at))
            session.flush()
            number = session.exec(select(AlertGroup.id).where(AlertGroup.digest == "31")).one()
            session.execute(update(Alert).values(group_id=number))
        prune(desk.house, NOON)
        with desk.store.reading() as session:
            assert "31" not in session.exec(select(AlertGroup.digest)).all()
            assert "30" in session.exec(select(AlertGroup.digest)).all()
            assert session.exec(select(Alert.group_id)).one() is None


def test_the_house_is_told_once_a_day_that_a_source_is_not_understood(desk: DeskUnderTest) -> None:
    for number in range(3):
        assert desk.raise_alert("siem", {"no alerts": number}).status_code == 422
    desk.later(days=1)
    assert desk.raise_alert("siem", {"no alerts": "tomorrow"}).status_code == 422
    with desk.store.reading() as session:
        told = session.exec(select(Message).where(Message.kind == "quarantined")).all()
    assert [(one.incident_id, one.fields["source"]) for one in told] == [(None, "siem")] * 2


def test_what_is_replayed_late_is_counted_and_takes_back_no_newer_word(desk: DeskUnderTest) -> None:
    assert desk.raise_alert("siem", OURS).status_code == 422
    with desk.store.writing() as session:
        session.execute(update(Source).values(kind="generic"))
    tries = itertools.count()
    until(lambda: desk.raise_alert("siem", {**json.loads(OURS), "n": next(tries)}).status_code == 202)
    desk.later(hours=2)
    assert desk.raise_alert("siem", {**json.loads(OURS), "status": "resolved"}).status_code == 202
    with desk.store.reading() as session:
        before = session.exec(select(Alert)).one()
        number = min(one.number for one in replaying.kept(session))
    assert again(desk, number).results == {"suppressed": 1}
    with desk.store.reading() as session:
        row = session.exec(select(Alert)).one()
        assert (row.status, row.occurrences) == ("resolved", before.occurrences + 1)
        assert row.last_seen_at == before.last_seen_at
