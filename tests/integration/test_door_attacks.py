"""What a hostile or broken tool, or an unlucky operator, tries around the door."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import Session, col, select, update

from flows.desk.app import prune
from flows.intake import replaying
from flows.intake.batch import take
from flows.intake.deliveries import Arrival
from store.database import Store
from store.tables import Alert, AlertGroup, Incident, SourceKey
from tests.harness.desks import NOON, DeskUnderTest, add_source, desk_on, house_on, signed, until
from tests.harness.terminal import Terminal

ALERT = b'{"title": "A bulk download", "severity": "high", "fingerprint": "one"}'
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Iterator[DeskUnderTest]:
    add_source(store, "siem")
    with desk_on(house_on(store, tmp_path)) as desk:
        desk.begins = False
        yield desk


def metrics(desk: DeskUnderTest) -> str:
    return httpx.get(f"{desk.url}/metrics", timeout=60).text


class TestQuarantine:
    def test_a_header_that_would_be_obeyed_is_neither_kept_nor_shown(
        self, shell: tuple[Terminal, DeskUnderTest]
    ) -> None:
        terminal, desk = shell
        add_source(desk.store, "siem")
        headers = [(name.encode(), text.encode()) for name, text in signed(ALERT, desk.wall).items()]
        headers.append((b"Content-Encoding", b"\x9b31mred\x85"))
        answer = httpx.post(f"{desk.url}/alerts/siem", content=ALERT, headers=headers, timeout=60)
        assert answer.status_code == 415
        assert not OBEYED.search(answer.json()["error"]["which"])
        with desk.store.reading() as session:
            (kept,) = replaying.kept(session)
        assert not OBEYED.search(kept.fault)
        for more in ((), ("--json",)):
            assert not OBEYED.search(terminal.ok("alert", "quarantine", "list", *more).replace("\n", ""))

    def test_one_that_cannot_be_stored_keeps_no_other_from_being_replayed(
        self, shell: tuple[Terminal, DeskUnderTest], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        terminal, desk = shell
        add_source(desk.store, "siem", "alertmanager")
        for name in ("poison", "sound"):
            assert desk.raise_alert("siem", {"title": name}).status_code == 422

        def stumbles(session: Any, deliveries: Any, intake: Any) -> Any:
            if b"poison" in deliveries[0].body:
                raise ZeroDivisionError
            return take(session, deliveries, intake)

        monkeypatch.setattr(replaying, "take", stumbles)
        replay = ("alert", "quarantine", "replay", "--all", "--kind", "generic")
        first, second = terminal.ok(*replay, *terminal.by("commander-1")).splitlines()
        assert first.startswith("1: stays: ")
        assert second.startswith("2: 1 opened")
        with desk.store.reading() as session:
            assert replaying.waiting(session) == [1]

    def test_what_has_expired_raises_no_alarm_any_more(self, desk: DeskUnderTest) -> None:
        assert desk.raise_alert("siem", b"{").status_code == 400
        assert "seventytwo_quarantine 1" in metrics(desk)
        prune(desk.house, NOON + timedelta(days=91))
        assert "seventytwo_quarantine 0" in metrics(desk)


@pytest.mark.soak
def test_requests_of_many_alerts_are_not_all_stored_in_one_transaction(
    sqlite_store: Store, tmp_path: Path
) -> None:
    """Else 64 of 500 each hold the database longer than the watch and the worker wait for it."""
    begun, goes_on = threading.Event(), threading.Event()

    def waits(session: Session, arrival: Arrival) -> Incident:
        begun.set()
        goes_on.wait(20)
        raise ZeroDivisionError

    add_source(sqlite_store, "siem")
    bodies = [
        json.dumps([{"title": "t", "status": "resolved", "fingerprint": f"{n}-{at}"} for at in range(500)])
        for n in range(6)
    ]
    with desk_on(house_on(sqlite_store, tmp_path), waits) as desk, ThreadPoolExecutor(7) as tools:
        desk.begins = False
        sent = [tools.submit(desk.raise_alert, "siem", ALERT)]
        assert begun.wait(15)
        sent += [tools.submit(desk.raise_alert, "siem", body.encode()) for body in bodies]
        until(lambda: "seventytwo_intake_waiting 6" in metrics(desk), seconds=15)
        goes_on.set()
        assert [one.result().status_code for one in sent] == [422] + [202] * 6
        assert "seventytwo_intake_commits_total 4" in metrics(desk)


class TestSecrets:
    def test_a_proxy_of_the_environment_never_sees_what_goes_to_our_own_desk(
        self, shell: tuple[Terminal, DeskUnderTest], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        terminal, _ = shell
        terminal.ok("source", "add", "tool", "--auth", "bearer", *terminal.by("commander-1"))
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        assert "proved: bearer" in terminal.ok("source", "test", "tool")

    def test_an_address_that_is_none_is_said_in_one_line(self, shell: tuple[Terminal, DeskUnderTest]) -> None:
        terminal, _ = shell
        terminal.ok("source", "add", "tool", *terminal.by("commander-1"))
        for url in ("http://[bad", "file:///etc/passwd", "http://127.0.0.1:99999", "http://\x1b[31m/"):
            terminal.env["SEVENTYTWO_DESK_URL"] = url
            told = terminal.fails("source", "test", "tool")
            assert not OBEYED.search(told.strip())

    def test_an_empty_file_is_no_secret(self, shell: tuple[Terminal, DeskUnderTest], tmp_path: Path) -> None:
        terminal, desk = shell
        file = tmp_path / "secret"
        file.write_text("\n")
        told = terminal.fails(
            "source", "add", "tool", "--secret-file", str(file), *terminal.by("commander-1")
        )
        assert "no secret in it" in told
        with desk.store.reading() as session:
            assert not session.exec(select(SourceKey)).all()

    def test_a_secret_that_leaked_does_not_come_back_by_a_rotation(
        self, shell: tuple[Terminal, DeskUnderTest], tmp_path: Path
    ) -> None:
        terminal, desk = shell
        add_source(desk.store, "siem")
        with desk.store.reading() as session:
            leaked = session.exec(select(SourceKey)).one()
        file = tmp_path / "secret"
        file.write_text(leaked.secret)
        rotate = ("source", "rotate", "siem", "--overlap", "0")
        told = terminal.fails(*rotate, "--secret-file", str(file), *terminal.by("commander-1"))
        assert "its secret before" in told
        assert leaked.secret not in told
        with desk.store.reading() as session:
            assert session.exec(select(SourceKey.until)).one() is None


class TestExpired:
    def test_an_alert_that_waits_for_others_keeps_its_payload(self, desk: DeskUnderTest) -> None:
        assert desk.raise_alert("siem", ALERT).status_code == 202
        with desk.store.writing() as session:
            session.add(AlertGroup(digest="d", rule="r", began_at=NOON, last_at=NOON + timedelta(days=80)))
            session.flush()
            group = session.exec(select(AlertGroup.id).where(AlertGroup.digest == "d")).one()
            session.execute(update(Alert).values(group_id=group, incident_id=None))
        prune(desk.house, NOON + timedelta(days=91))
        with desk.store.reading() as session:
            assert session.exec(select(Alert)).one().payload == json.loads(ALERT)

    def test_an_alert_that_comes_back_word_for_word_brings_its_payload_again(
        self, desk: DeskUnderTest
    ) -> None:
        """Else the incident that it opens has no evidence of what the tool said."""
        assert desk.raise_alert("siem", ALERT).status_code == 202
        with desk.store.writing() as session:
            session.execute(update(Incident).values(state="closed", pending=""))
        prune(desk.house, NOON + timedelta(days=91))
        with desk.store.reading() as session:
            assert session.exec(select(Alert)).one().payload is None
        desk.later(days=92)
        assert desk.raise_alert("siem", ALERT).json()["results"][0]["result"] == "opened"
        with desk.store.reading() as session:
            alert = session.exec(select(Alert)).one()
            live = session.exec(select(Incident.id).where(col(Incident.state) == "open")).one()
        assert alert.incident_id == live
        assert alert.payload == json.loads(ALERT)
