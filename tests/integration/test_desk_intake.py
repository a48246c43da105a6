"""Alerts at the desk, over HTTP, on both databases: what each becomes; nothing is lost or doubled."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlmodel import SQLModel, col, func, select, update

from flows.beginning import begin_all, begin_one
from flows.desk.app import prune_replies
from flows.intake import rows
from flows.intake.deliveries import Arrival
from store import timeline
from store.database import Store
from store.tables import (
    Alert,
    ClockEntry,
    FactRow,
    Incident,
    IntakeReply,
    Message,
    Quarantine,
    Question,
    Source,
    TimelineEntry,
)
from tests.harness.desks import NOON, SECRET, DeskUnderTest, add_source, desk_on, house_on, signed, until

ALERT = {"title": "A bulk download", "severity": "high", "fingerprint": "bulk-1", "labels": {"n": 1}}


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Iterator[DeskUnderTest]:
    add_source(store, "siem")
    add_source(store, "prom", "alertmanager", "bearer")
    with desk_on(house_on(store, tmp_path)) as desk:
        yield desk


def results(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 202, answer.text
    return list(answer.json()["results"])


def count(store: Store, table: type[SQLModel]) -> int:
    with store.reading() as session:
        return session.exec(select(func.count()).select_from(table)).one()


def close(store: Store, ref: str) -> None:
    with store.deciding(ref) as (session, incident):
        incident.state = "closed"
        session.add(incident)


def test_an_answered_alert_is_alert_incident_anchor_and_timeline_before_the_watch_comes(
    desk: DeskUnderTest,
) -> None:
    desk.begins = False
    (one,) = results(desk.raise_alert("siem", ALERT))
    assert (one["result"], one["why"]) == ("opened", "first alert of this fingerprint")
    assert re.fullmatch(r"INC-2026-\d{4}", one["incident"])
    with desk.store.reading() as session:
        incident = session.exec(select(Incident)).one()
        assert (incident.ref, incident.severity, incident.title) == (one["incident"], "high", ALERT["title"])
        assert (incident.state, incident.pending) == ("open", "begin")
        assert session.exec(select(Alert)).one().incident_id == incident.id
        facts = {row.name: row for row in session.exec(select(FactRow))}
        assert (facts["aware_at"].author, facts["aware_at"].asserted_at) == ("system", NOON)
        kinds = session.exec(select(TimelineEntry.kind).where(TimelineEntry.chain == incident.ref)).all()
        assert "incident_opened" in kinds
        assert not session.exec(select(Question)).all()


def test_what_was_answered_is_begun_once_by_whoever_comes_by(desk: DeskUnderTest) -> None:
    desk.begins = False
    (one,) = results(desk.raise_alert("siem", ALERT))
    assert (begin_all(desk.house), begin_all(desk.house)) == (1, 0)
    assert not begin_one(desk.house, one["incident"])
    with desk.store.reading() as session:
        assert session.exec(select(Incident)).one().pending == ""
        assert session.exec(select(Message.kind)).all()[0] == "incident_opened"
        assert session.exec(select(Question)).all()
        assert session.exec(select(ClockEntry)).all()
        timeline.verify(session, one["incident"])


def test_news_joins_while_the_incident_is_open_at_any_age_and_what_is_identical_is_suppressed(
    desk: DeskUnderTest,
) -> None:
    (first,) = results(desk.raise_alert("siem", ALERT))
    desk.later(days=400)
    (joined,) = results(desk.raise_alert("siem", {**ALERT, "labels": {"n": 2}}))
    desk.later(seconds=1)
    (same,) = results(desk.raise_alert("siem", {**ALERT, "labels": {"n": 2}}))
    assert [joined["result"], same["result"]] == ["joined", "suppressed"]
    assert joined["incident"] == same["incident"] == first["incident"]
    with desk.store.reading() as session:
        alert = session.exec(select(Alert)).one()
        assert (alert.occurrences, alert.payload["labels"]) == (3, {"n": 2})
        assert alert.last_seen_at - alert.first_seen_at == timedelta(days=400, seconds=1)


def test_a_changed_state_is_written_into_the_timeline(desk: DeskUnderTest) -> None:
    (opened,) = results(desk.raise_alert("siem", ALERT))
    (resolved,) = results(desk.raise_alert("siem", {**ALERT, "status": "resolved"}))
    assert resolved["result"] == "joined"
    with desk.store.reading() as session:
        chain = TimelineEntry.chain == opened["incident"]
        entry = session.exec(select(TimelineEntry).where(chain, TimelineEntry.kind == "alert_changed")).one()
        assert entry.author == "source:siem"
        assert entry.payload is not None
        assert entry.payload["status"] == "resolved"


def test_a_resolve_with_nothing_open_is_suppressed_and_a_later_alert_still_opens(desk: DeskUnderTest) -> None:
    (resolve,) = results(desk.raise_alert("siem", {**ALERT, "status": "resolved"}))
    assert (resolve["result"], resolve["incident"]) == ("suppressed", None)
    assert count(desk.store, Incident) == 0
    (opened,) = results(desk.raise_alert("siem", ALERT))
    assert opened["result"] == "opened"


def test_after_closing_a_repeat_opens_a_new_incident_that_cites_the_old(desk: DeskUnderTest) -> None:
    (first,) = results(desk.raise_alert("siem", ALERT))
    close(desk.store, first["incident"])
    desk.later(seconds=1)
    (again,) = results(desk.raise_alert("siem", ALERT))
    assert again["result"] == "opened"
    assert first["incident"] in again["why"]
    assert again["incident"] != first["incident"]
    with desk.store.reading() as session:
        old, new = session.exec(select(Incident).order_by(col(Incident.id))).all()
        assert new.previous_id == old.id
        assert session.exec(select(Alert)).one().incident_id == new.id


def test_each_alert_of_a_batch_has_its_own_result_in_its_place(desk: DeskUnderTest) -> None:
    alerts = [{"status": "firing", "labels": {"alertname": name}} for name in ("b", "a", "b")]
    answer = desk.post("prom", {"alerts": alerts}, Authorization=f"Bearer {SECRET}")
    told = results(answer)
    assert [one["result"] for one in told] == ["opened", "opened", "suppressed"]
    assert told[0]["incident"] == told[2]["incident"] != told[1]["incident"]


def test_a_repeated_request_gets_its_first_answer_again_from_any_desk(
    desk: DeskUnderTest, tmp_path: Path
) -> None:
    body = b'{"title":"once"}'
    first = desk.post("siem", body, **signed(body, desk.wall))
    again = desk.post("siem", body, **signed(body, desk.wall))
    with desk_on(house_on(desk.store, tmp_path)) as other:  # the first desk may have died after its commit
        elsewhere = other.post("siem", body, **signed(body, desk.wall))
    assert first.json() == again.json() == elsewhere.json()
    assert first.status_code == again.status_code == elsewhere.status_code == 202
    with desk.store.reading() as session:
        assert session.exec(select(Alert)).one().occurrences == 1


def test_an_idempotency_key_makes_a_bearers_request_repeatable(desk: DeskUnderTest) -> None:
    body = {"alerts": [{"status": "firing", "labels": {"alertname": "x"}}]}
    key = {"Authorization": f"Bearer {SECRET}", "Idempotency-Key": "k-1"}
    first, again = desk.post("prom", body, **key), desk.post("prom", body, **key)
    assert first.json() == again.json()
    assert count(desk.store, IntakeReply) == 1
    assert prune_replies(desk.store, desk.wall + timedelta(seconds=1)) == 1
    assert count(desk.store, IntakeReply) == 0


def test_twenty_simultaneous_identical_alerts_open_one_incident(desk: DeskUnderTest, tmp_path: Path) -> None:
    stamps = [desk.wall + timedelta(seconds=number) for number in range(20)]
    body = b'{"title":"storm","fingerprint":"storm"}'
    with desk_on(house_on(desk.store, tmp_path)) as other, ThreadPoolExecutor(20) as pool:
        desks = [desk, other] * 10

        def send(at: DeskUnderTest, stamp: Any) -> list[dict[str, Any]]:
            return results(at.post("siem", body, **signed(body, stamp)))

        told = [one for (one,) in pool.map(send, desks, stamps)]
    assert sorted(one["result"] for one in told) == ["opened", *["suppressed"] * 19]
    assert len({one["incident"] for one in told}) == 1
    with desk.store.reading() as session:
        assert session.exec(select(Alert)).one().occurrences == 20
        assert session.exec(select(Incident)).one()


def test_two_desks_that_open_crosswise_do_not_lock_each_other_out(
    desk: DeskUnderTest, tmp_path: Path
) -> None:
    def send(at: DeskUnderTest, number: int) -> list[dict[str, Any]]:
        names = [f"f{(number + step) % 6}" for step in range(4)]
        alerts = [{"title": name, "fingerprint": name, "n": number} for name in names]
        return results(at.post("siem", alerts, **signed_list(alerts, at)))

    with desk_on(house_on(desk.store, tmp_path)) as other, ThreadPoolExecutor(8) as pool:
        told = list(pool.map(send, [desk, other] * 12, range(24)))
    assert sum(one["result"] == "opened" for answer in told for one in answer) == 6
    assert count(desk.store, Incident) == 6


def signed_list(alerts: list[dict[str, Any]], at: DeskUnderTest) -> dict[str, str]:
    return signed(json.dumps(alerts).encode(), at.wall)


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({}, "unsigned"),
        ({"X-Seventytwo-Timestamp": "1", "X-Seventytwo-Signature": "v1=00"}, "wrong"),
        ({"Authorization": f"Bearer {SECRET}"}, "unsigned"),
    ],
)
def test_of_an_unproven_request_nothing_is_kept_but_a_count(
    desk: DeskUnderTest, headers: dict[str, str], reason: str
) -> None:
    answer = desk.post("siem", ALERT, **headers)
    assert answer.status_code == 401
    assert answer.json()["error"]["mend"]
    assert [count(desk.store, table) for table in (Alert, Quarantine, IntakeReply)] == [0, 0, 0]
    metrics = httpx.get(f"{desk.url}/metrics", timeout=60).text
    assert f'seventytwo_alerts_refused_total{{reason="{reason}"}} 1' in metrics


def test_a_stale_signature_is_refused(desk: DeskUnderTest) -> None:
    body = b'{"title":"late"}'
    answer = desk.post("siem", body, **signed(body, desk.wall - timedelta(seconds=301)))
    assert answer.status_code == 401
    assert "five minutes" in answer.json()["error"]["what"]


def test_an_unknown_and_a_disabled_source_are_not_found_and_a_new_one_is_found_soon(
    desk: DeskUnderTest,
) -> None:
    assert desk.raise_alert("nobody", ALERT).status_code == 404
    add_source(desk.store, "fresh")
    until(lambda: desk.raise_alert("fresh", ALERT).status_code == 202)
    with desk.store.writing() as session:
        session.execute(update(Source).where(col(Source.name) == "fresh").values(disabled_at=desk.wall))
    until(lambda: desk.raise_alert("fresh", ALERT).status_code == 404)
    assert httpx.get(f"{desk.url}/alerts/siem", timeout=60).status_code == 405


@pytest.mark.parametrize(
    ("body", "status", "which"),
    [
        (b'{"title": ', 400, "line 1 column 11"),
        (b"\xff\xfe", 400, "byte 0"),
        (b"[" * 200 + b"]" * 200, 400, "body"),
        (b'{"title": 7}', 422, "title"),
        (b'{"title": "t", "status": "?"}', 422, "status"),
    ],
)
def test_a_signed_body_that_cannot_be_read_is_told_where_and_quarantined_once(
    desk: DeskUnderTest, body: bytes, status: int, which: str
) -> None:
    first, again = desk.raise_alert("siem", body), desk.raise_alert("siem", body)
    assert first.status_code == again.status_code == status
    assert first.json() == again.json()
    assert first.json()["error"]["which"] == which
    with desk.store.reading() as session:
        kept = session.exec(select(Quarantine)).one()
    assert kept.body
    assert which in kept.fault


def test_a_body_over_a_megabyte_is_refused_before_it_is_read(desk: DeskUnderTest) -> None:
    host, port = desk.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as wire:
        wire.sendall(b"POST /alerts/siem HTTP/1.1\r\nHost: x\r\nContent-Length: 900000000\r\n\r\n{")
        assert wire.recv(4096).startswith(b"HTTP/1.1 413")  # although the rest was never sent


def test_a_body_of_unknown_length_is_refused_once_it_is_too_long(desk: DeskUnderTest) -> None:
    chunks = (b"x" * 65_536 for _ in range(64))
    try:
        answer = httpx.post(f"{desk.url}/alerts/siem", content=chunks, timeout=60)
    except httpx.TransportError:
        return  # the desk hung up while we were still sending
    assert answer.status_code == 413


def test_one_poisoned_alert_harms_no_other_of_its_batch(store: Store, tmp_path: Path) -> None:
    add_source(store, "siem")
    house = house_on(store, tmp_path)

    def picky(session: Any, arrival: Arrival) -> Incident:
        if arrival.claim.title == "poison":
            raise ZeroDivisionError
        incident = Incident(
            ref=f"INC-{arrival.claim.title}",
            playbook="p",
            plan="{}",
            title="t",
            opened_at=arrival.wall,
            recorded_at=arrival.wall,
        )
        session.add(incident)
        session.flush()
        return incident

    with desk_on(house, picky) as desk, ThreadPoolExecutor(8) as pool:
        titles = ["poison" if number % 4 == 0 else f"t{number}" for number in range(16)]
        answers = list(pool.map(lambda title: desk.raise_alert("siem", {"title": title}), titles))
    statuses = [answer.status_code for answer in answers]
    assert statuses == [422 if title == "poison" else 202 for title in titles]
    assert count(store, Incident) == 12
    assert count(store, Alert) == 12
    with store.reading() as session:
        assert {row.body for row in session.exec(select(Quarantine))} == {'{"title": "poison"}'}


def test_pages_are_served_while_alerts_wait_for_the_database(desk: DeskUnderTest) -> None:
    with ThreadPoolExecutor(1) as sender:
        with desk.store.writing() as session:
            rows.take_turn(session.connection())
            posted = sender.submit(desk.raise_alert, "siem", ALERT)
            for _ in range(100):
                assert httpx.get(f"{desk.url}/desk.css", timeout=60).status_code == 200
            assert not posted.done()
        assert results(posted.result())[0]["result"] == "opened"


def test_a_key_that_cannot_be_unsealed_shuts_out_no_other_source(desk: DeskUnderTest) -> None:
    with desk.store.writing() as session:
        prom = session.exec(select(Source.id).where(Source.name == "prom")).one()
        broken = text("UPDATE sourcekey SET secret = :secret WHERE source_id = :source")
        session.connection().execute(broken, {"secret": b"\x00", "source": prom})
    desk.later(minutes=1)
    assert results(desk.raise_alert("siem", ALERT))[0]["result"] == "opened"
    assert desk.post("prom", {"alerts": []}, Authorization=f"Bearer {SECRET}").status_code == 401
