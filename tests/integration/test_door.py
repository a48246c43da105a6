"""The door over HTTP: who is let in and how often, what is read, and what a rehearsal leaves behind."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlmodel import Session, SQLModel, col, func, select, update

from flows.intake.authentication import SCHEMES
from flows.intake.deliveries import Arrival
from flows.intake.rehearsals import MOST_WAITING
from store.database import Store
from store.tables import Alert, Incident, IntakeReply, Quarantine, Source, SourceKey, TimelineEntry
from tests.harness.desks import NOON, SECRET, DeskUnderTest, add_source, desk_on, house_on, signed, until

ALERT = b'{"title": "A bulk download", "severity": "high"}'
MAPPING = {
    "kind": "homemade",
    "product": "Homemade",
    "title": ["what"],
    "identity": ["what"],
    "occurred_at": ["when"],
}
DRY = {"X-Seventytwo-Dry-Run": "1"}


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Iterator[DeskUnderTest]:
    for auth in SCHEMES:
        add_source(store, f"by-{auth.replace('_', '-')}", auth=auth)
    with desk_on(house_on(store, tmp_path)) as desk:
        desk.begins = False
        yield desk


@pytest.fixture
def one_desk(sqlite_store: Store, tmp_path: Path) -> Iterator[DeskUnderTest]:
    """For what the database has no part in."""
    add_source(sqlite_store, "siem")
    add_source(sqlite_store, "chatty", per_minute=3)
    with desk_on(house_on(sqlite_store, tmp_path)) as desk:
        desk.begins = False
        yield desk


def count(store: Store, table: type[SQLModel]) -> int:
    with store.reading() as session:
        return session.exec(select(func.count()).select_from(table)).one()


def proof(auth: str, source: str, body: bytes, secret: str = SECRET) -> dict[str, str]:
    return SCHEMES[auth].prove(source, secret, body, NOON)


def metrics(desk: DeskUnderTest) -> str:
    return httpx.get(f"{desk.url}/metrics", timeout=60).text


@pytest.mark.parametrize("auth", SCHEMES)
def test_a_source_is_let_in_by_its_own_scheme_and_no_other(desk: DeskUnderTest, auth: str) -> None:
    name = f"by-{auth.replace('_', '-')}"
    for other in SCHEMES:
        answer = desk.post(name, ALERT, **proof(other, name, ALERT))
        assert answer.status_code == (202 if other == auth else 401), other
    wrong = desk.post(name, ALERT, **proof(auth, name, ALERT, "another-secret-of-the-tests"))
    assert wrong.status_code == 401
    assert wrong.headers["www-authenticate"]
    assert count(desk.store, Alert) == 1


def test_while_keys_are_rotated_both_count_and_an_ended_one_does_not(desk: DeskUnderTest) -> None:
    end = desk.wall + timedelta(hours=24)
    with desk.store.writing() as session:
        source = session.exec(select(Source).where(Source.name == "by-hmac")).one()
        assert source.id is not None
        session.execute(update(SourceKey).where(col(SourceKey.source_id) == source.id).values(until=end))
        session.add(SourceKey(source_id=source.id, secret="the-newer-secret", added_at=desk.wall))
    until(lambda: desk.raise_alert("by-hmac", ALERT, secret="the-newer-secret").status_code == 202)
    assert desk.raise_alert("by-hmac", ALERT).status_code == 202
    desk.wall = end
    until(lambda: desk.raise_alert("by-hmac", ALERT).status_code == 401)
    assert desk.raise_alert("by-hmac", ALERT, secret="the-newer-secret").status_code == 202


def test_a_source_beyond_its_rate_is_told_when_to_come_again_and_nobody_else_is(
    one_desk: DeskUnderTest,
) -> None:
    bodies = [json.dumps({"title": "t", "n": number}).encode() for number in range(5)]
    answers = [one_desk.raise_alert("chatty", body) for body in bodies]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429, 429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 20
    assert answers[-1].json()["error"]["mend"]
    assert one_desk.raise_alert("siem", ALERT).status_code == 202
    assert 'seventytwo_alerts_refused_total{reason="rate"} 2' in metrics(one_desk)
    with one_desk.store.reading() as session:
        assert sorted(session.exec(select(Alert.occurrences))) == [1, 3]


def test_a_stranger_cannot_spend_a_sources_rate(one_desk: DeskUnderTest) -> None:
    for _ in range(30):
        assert one_desk.raise_alert("chatty", ALERT, secret="guessed").status_code == 401
    assert one_desk.raise_alert("chatty", ALERT).status_code == 202


def test_a_body_packed_by_gzip_is_read_and_what_it_was_signed_as_is_what_came(
    one_desk: DeskUnderTest,
) -> None:
    packed = gzip.compress(ALERT)
    answer = one_desk.post("siem", packed, **signed(packed, one_desk.wall), **{"Content-Encoding": "gzip"})
    assert answer.status_code == 202
    with one_desk.store.reading() as session:
        assert session.exec(select(Alert)).one().payload == json.loads(ALERT)


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [
        (gzip.compress(b" " * 1_000_001), "gzip", 413),
        (gzip.compress(ALERT)[:-9], "gzip", 400),
        (gzip.compress(ALERT) + b"more", "gzip", 400),
        (ALERT, "gzip", 400),
        (ALERT, "br", 415),
        (ALERT, "gzip, gzip", 415),
    ],
    ids=["too long once unpacked", "cut off", "more behind it", "not packed", "another packing", "two"],
)
def test_a_signed_body_that_cannot_be_unpacked_is_refused_and_kept(
    one_desk: DeskUnderTest, body: bytes, encoding: str, status: int
) -> None:
    headers = {**signed(body, one_desk.wall), "Content-Encoding": encoding}
    assert one_desk.post("siem", body, **headers).status_code == status
    assert count(one_desk.store, Quarantine) == 1
    assert count(one_desk.store, Alert) == 0


def test_a_rehearsal_says_what_would_be_and_leaves_nothing(desk: DeskUnderTest) -> None:
    answer = desk.post("by-hmac", ALERT, **signed(ALERT, desk.wall), **DRY)
    assert answer.status_code == 200
    (alert,), (would,) = answer.json()["alerts"], answer.json()["would"]
    assert (alert["source"], alert["title"], alert["severity"]) == ("by-hmac", "A bulk download", "high")
    assert (would["result"], would["incident"]) == ("opened", None)
    kept = [count(desk.store, table) for table in (Alert, Incident, IntakeReply, Quarantine, TimelineEntry)]
    assert kept == [0, 0, 0, 0, 0]
    real = desk.raise_alert("by-hmac", ALERT)  # the very same signature was not counted as answered
    assert real.json()["results"][0]["result"] == "opened"
    ref = real.json()["results"][0]["incident"]
    desk.later(seconds=1)
    again = desk.post("by-hmac", ALERT, **signed(ALERT, desk.wall), **DRY)
    assert again.json()["would"][0] | {"why": ""} == again.json()["would"][0] | {"why": "", "incident": ref}


def test_a_rehearsal_of_what_cannot_be_read_says_so_and_keeps_nothing(one_desk: DeskUnderTest) -> None:
    for body, status in ((b"{", 400), (b'{"title": 7}', 422)):
        answer = one_desk.post("siem", body, **signed(body, one_desk.wall), **DRY)
        assert answer.status_code == status
        assert answer.json()["error"]["what"]
    assert count(one_desk.store, Quarantine) == 0


def test_a_rehearsal_of_what_cannot_be_decided_says_so(sqlite_store: Store, tmp_path: Path) -> None:
    def faulty_decision(session: Session, arrival: Arrival) -> Incident:
        raise ZeroDivisionError

    add_source(sqlite_store, "siem")
    with desk_on(house_on(sqlite_store, tmp_path), faulty_decision) as desk:
        answer = desk.post("siem", ALERT, **signed(ALERT, desk.wall), **DRY)
        assert answer.status_code == 422
        assert "kept" in answer.json()["error"]["mend"]
        assert count(desk.store, Quarantine) == 0
        assert desk.raise_alert("siem", ALERT).status_code == 422
        assert count(desk.store, Quarantine) == 1


def test_rehearsals_without_end_hold_nobody_else_up(sqlite_store: Store, tmp_path: Path) -> None:
    """Each waits for the writer's turn: were they let to, they would wait in every thread of the desk."""
    goes_on = threading.Event()

    def waits(session: Session, arrival: Arrival) -> Incident:
        goes_on.wait(20)
        raise ZeroDivisionError

    add_source(sqlite_store, "siem")
    with desk_on(house_on(sqlite_store, tmp_path), waits) as desk, ThreadPoolExecutor(40) as tools:
        desk.begins = False
        headers = {**signed(ALERT, desk.wall), **DRY}
        dry = [tools.submit(desk.post, "siem", ALERT, **headers) for _ in range(40)]
        until(lambda: sum(one.done() for one in dry) == 40 - MOST_WAITING or goes_on.is_set(), seconds=5)
        nobody = httpx.post(f"{desk.url}/alerts/nobody", content=ALERT, timeout=5)
        goes_on.set()
        assert nobody.status_code == 404
        answers = [one.result() for one in dry]
    refused = [one for one in answers if one.status_code == 503]
    assert len(refused) == 40 - MOST_WAITING
    assert {one.headers["retry-after"] for one in refused} == {"1"}


def test_rehearsed_alerts_are_counted_apart(one_desk: DeskUnderTest) -> None:
    assert one_desk.post("siem", ALERT, **signed(ALERT, one_desk.wall), **DRY).status_code == 200
    assert 'seventytwo_alerts_total{result="rehearsed"} 1' in metrics(one_desk)


def test_a_rehearsal_must_be_proved_too(one_desk: DeskUnderTest) -> None:
    assert one_desk.post("siem", ALERT, **DRY).status_code == 401


@pytest.mark.parametrize("value", ["true", "yes", "1", "2"])
def test_whoever_asks_for_a_rehearsal_in_any_words_gets_one(one_desk: DeskUnderTest, value: str) -> None:
    dry = {"X-Seventytwo-Dry-Run": value}
    assert one_desk.post("siem", ALERT, **signed(ALERT, one_desk.wall), **dry).status_code == 200


def test_an_instant_without_an_offset_is_of_the_sources_zone(one_desk: DeskUnderTest) -> None:
    add_source(one_desk.store, "local", "mapped", zone="Asia/Tokyo", mapping=MAPPING)
    body = {"what": "x", "when": "2026-03-02T12:00:00"}
    until(lambda: one_desk.raise_alert("local", body).status_code == 202, seconds=10)
    with one_desk.store.reading() as session:
        alert = session.exec(select(Alert)).one()
    assert (alert.kind, alert.occurred_at) == ("homemade", NOON - timedelta(hours=9))


@pytest.mark.parametrize("text", ["\\ud800", "\\u0000", "\\u202e", "a" * 5000])
def test_a_hostile_name_of_a_field_is_answered_and_kept(one_desk: DeskUnderTest, text: str) -> None:
    body = (
        b'[{"title": "t", "labels": {"'
        + text.encode()
        + b'": {"x": []}}}, {"title": "'
        + text.encode()
        + b'"}]'
    )
    assert one_desk.raise_alert("siem", body).status_code in {202, 422}
