"""What a reviewer broke at the edges: hostile input, databases that are none, and ends at odd moments."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from sqlalchemy import create_engine, text
from sqlmodel import select

from flows import people
from flows.asserting import add_cases, assert_facts
from flows.clients.file import read_client_file
from flows.deciding import Decision
from flows.desk.serving import serve
from flows.dispatch_outcomes import GIVE_UP
from flows.dispatching import dispatch_once
from flows.people import Newcomer
from flows.prefect_server import server_env
from flows.questions import new_question
from flows.review.material import ADDED
from flows.supervisor import Child, Supervisor, require_port
from flows.vouching import Voucher, check_vouchers
from notify.slack import SlackSender
from playbooks.errors import FileFaults, Refused, SetupFault
from store.database import Store
from store.migrating import MigrationBehind
from store.tables import FactRow, Obligation, Question, StepRow
from tests.fakes.slack import FakeSlack
from tests.harness.databases import fixed_keyring
from tests.harness.desks import NOON, add_client, add_responder, add_source, desk_on, house_on
from tests.harness.outbox import Clock, open_incident, row, say, states
from tests.harness.prefect import eventually

UP = [sys.executable, "-c", "from flows.cli.main import app; app()"]


def command(tmp_path: Path, *arguments: str | bytes, **env: str) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own, with a data folder that has a key."""
    full = {**os.environ, "SEVENTYTWO_DATA": str(tmp_path / "data"), **env}
    return subprocess.run(
        [*UP, *arguments], env=full, capture_output=True, text=True, timeout=300, check=False
    )


def told_in_one_line(done: subprocess.CompletedProcess[str], what: str) -> bool:
    lines = done.stderr.strip().splitlines()
    return done.returncode != 0 and "Traceback" not in done.stderr and what in lines[-1]


@pytest.mark.parametrize("instant", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_an_instant_at_the_edge_of_time_opens_an_incident_all_the_same(
    store: Store, tmp_path: Path, instant: str
) -> None:
    add_source(store, "siem")
    with desk_on(house_on(store, tmp_path)) as desk:
        answer = desk.raise_alert("siem", {"title": "t", "occurred_at": instant})
    assert answer.status_code == 202, answer.text


def test_the_zero_time_of_go_is_no_time(sqlite_store: Store, tmp_path: Path) -> None:
    add_source(sqlite_store, "prometheus", "alertmanager")
    alert = {"labels": {"alertname": "x"}, "status": "firing", "startsAt": "0001-01-01T00:00:00Z"}
    with desk_on(house_on(sqlite_store, tmp_path)) as desk:
        desk.raise_alert("prometheus", {"alerts": [alert]})
    with sqlite_store.reading() as session:
        fact = session.exec(select(FactRow).where(FactRow.name == "detected_at")).one()
    assert str(fact.value["value"]).startswith("2026-03-02T12:00")


def test_a_handle_that_no_database_takes_is_a_stranger_s(store: Store, tmp_path: Path) -> None:
    with desk_on(house_on(store, tmp_path)) as desk, desk.reader() as browser:
        for handle in ("it-1%00", "%ff%00"):
            body = f"handle={handle}&code=123456"
            answer = browser.post(
                "/i/INC-2026-0001",
                content=body,
                headers={"content-type": "application/x-www-form-urlencoded"},
            )
            assert answer.status_code == httpx.codes.UNAUTHORIZED
    with pytest.raises(Refused):
        check_vouchers(store, (Voucher("\udcff", "123456"),), NOON)


def test_a_reference_that_no_database_takes_is_not_found(store: Store, tmp_path: Path) -> None:
    with desk_on(house_on(store, tmp_path)) as desk, desk.reader() as browser:
        code = add_responder(store, "it-1")
        given = {"handle": "it-1", "code": code(desk.wall)}
        assert browser.post("/i/INC-2026-0001", data=given).status_code == httpx.codes.SEE_OTHER
        assert browser.get("/i/INC%00").status_code == httpx.codes.NOT_FOUND


def test_a_citation_that_no_database_takes_is_a_fault_of_the_file() -> None:
    said = 'clients: [{ref: alpha, name: A, our_role: processor, contract: {hours: 2, citation: "a\\0b"}}]'
    with pytest.raises(FileFaults, match="cannot be seen"):
        read_client_file(said, "clients.yaml")


def test_a_limited_reader_s_page_quotes_no_more_than_their_report(
    sqlite_store: Store, tmp_path: Path
) -> None:
    add_source(sqlite_store, "siem")
    add_client(sqlite_store, "alpha", "Alpha Ltd")
    code = add_responder(sqlite_store, "lead-1", "alpha")
    with desk_on(house_on(sqlite_store, tmp_path)) as desk, desk.reader() as browser:
        ref = desk.raise_alert("siem", {"title": "t"}).json()["results"][0]["incident"]
        with sqlite_store.deciding(ref) as (session, incident):
            decision = Decision(desk.house, session, incident, desk.wall, desk.wall)
            add_cases(decision, ("alpha",), "commander-1")
            assert_facts(decision, {"root_cause": "a key of beta"}, author="x")
            session.exec(select(Question).where(Question.kind == "command")).one().fault = "beta is no client"
            added = session.exec(select(StepRow).where(StepRow.case_ref == "")).all()[0]
            new_question(decision, added, "manual", "it", "Call beta")
            added.added = "{}"
            for duty in session.exec(select(Obligation)):
                duty.title, duty.case_ref = "Tell beta", ""
        given = {"handle": "lead-1", "code": code(desk.wall)}
        shown = browser.post(f"/i/{ref}", data=given, follow_redirects=True)
    assert shown.status_code == httpx.codes.OK
    assert "Lead the incident" in shown.text
    assert ADDED in shown.text
    assert "beta" not in shown.text


def test_an_address_is_believed_from_a_proxy_only_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else whoever reaches the desk writes a new address on each try, and the brake on logins never bites."""
    given: dict[str, object] = {}
    monkeypatch.setattr("flows.desk.serving.guard", lambda *_: None)
    monkeypatch.setattr("flows.desk.serving.uvicorn.run", lambda _, **options: given.update(options))
    near, far = "http://127.0.0.1:7272", "https://desk.example.com"
    for url, public, believed in ((near, "", False), (far, "", True), (near, far, True)):
        here = SimpleNamespace(settings=SimpleNamespace(desk_url=url, public_url=public))
        monkeypatch.setattr("flows.desk.serving.house", lambda here=here: here)
        serve("127.0.0.1", 7272)
        assert given["proxy_headers"] is believed


def test_the_last_who_may_change_the_house_stays(sqlite_store: Store) -> None:
    with sqlite_store.writing() as session:
        session.execute(
            text(
                "INSERT INTO client"
                " (ref, name, own, our_role, jurisdictions, status, place, zone, channel, imported_at)"
                " VALUES ('client-7', x'00', 0, 'processor', '[]', '[]', '', 'UTC', '', '2026-03-02 12:00')"
            )
        )
        people.enrol(session, Newcomer("commander-1", "One", ("commander",)), (), NOON)
        limited = Newcomer("lead-7", "Two", ("client_lead",), clients=("client-7",))
        people.enrol(session, limited, ("commander-1",), NOON)
        with pytest.raises(Refused, match="the last"):
            people.disable(session, "commander-1", "commander-1", NOON)
        people.disable(session, "lead-7", "commander-1", NOON)


def test_a_post_that_always_fails_does_not_hold_up_its_line_for_ever(sqlite_store: Store) -> None:
    clock = Clock()
    with FakeSlack() as slack:
        sender = SlackSender(slack.token, slack.url)
        say(sqlite_store, open_incident(sqlite_store), "one", clock())
        slack.trouble("internal_error", times=1000)
        dispatch_once(sqlite_store, sender, clock)
        clock.forward(seconds=GIVE_UP.total_seconds() + 10)
        for _ in range(3):
            dispatch_once(sqlite_store, sender, clock)
            clock.forward(seconds=60)
        assert states(sqlite_store) == ["dead"]
        assert "given up" in row(sqlite_store, "one").error
        sender.close()


def test_a_wait_beyond_reason_does_not_stop_the_dispatcher(sqlite_store: Store) -> None:
    clock = Clock()
    with FakeSlack() as slack:
        sender = SlackSender(slack.token, slack.url)
        say(sqlite_store, open_incident(sqlite_store), "one", clock())
        slack.trouble("ratelimited", status=429, retry_after=10**15)
        dispatch_once(sqlite_store, sender, clock)
        clock.forward(hours=2)
        assert dispatch_once(sqlite_store, sender, clock) == 1
        sender.close()


@pytest.mark.parametrize("url", ["garbage:pw@x", "postgresql://u:sekret@127.0.0.1:abc/x", ""])
def test_what_is_no_database_address_is_one_fault_without_its_password(url: str) -> None:
    with pytest.raises(SetupFault, match="not the address of a database") as fault:
        Store.open(url, fixed_keyring())
    assert "sekret" not in str(fault.value)


def test_up_on_a_file_that_is_no_database_says_so_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "note.db"
    file.write_text("this is a note and no database, whatever its name says")
    done = command(tmp_path, "up", "--prefect-port", "4391", SEVENTYTWO_DATABASE_URL=f"sqlite:///{file}")
    assert told_in_one_line(done, "the database cannot be opened"), done.stderr


def test_a_schema_of_a_later_release_is_not_migrated_and_says_so(sqlite_store: Store) -> None:
    engine = create_engine(sqlite_store.engine.url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999_later'"))
    engine.dispose()
    with pytest.raises(MigrationBehind, match="newer than this program"):
        sqlite_store.migrate()


def test_a_word_of_the_command_line_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    done = command(tmp_path, "incident", "show", b"\xff")
    assert done.returncode == 2, done.stderr
    assert "UTF-8" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SetupFault, match="not a port"):
        require_port(99_999)
    done = command(tmp_path, "up", "--prefect-port", "7391", "--desk-port", "7391")
    assert told_in_one_line(done, "two ports are needed"), done.stderr


def test_asked_to_stop_while_a_child_starts_the_supervisor_stops_without_a_fault(tmp_path: Path) -> None:
    idle = Child("idle", [sys.executable, "-c", "import time; time.sleep(600)"], os.environ, lambda: False)
    supervisor = Supervisor([idle], tmp_path)
    threading.Timer(0.5, supervisor.ask_stop).start()
    with supervisor:
        assert supervisor.is_stopping
    assert supervisor.pid("idle") is None


def test_the_prefect_server_is_given_neither_key_nor_token(tmp_path: Path) -> None:
    base = {"PATH": "/bin", "SEVENTYTWO_KEY": "k", "SEVENTYTWO_SLACK_TOKEN": "xoxb"}
    assert not [name for name in server_env(tmp_path, 4200, "a:b", base) if name.startswith("SEVENTYTWO_")]


def test_a_demo_that_is_told_to_end_leaves_no_folder(tmp_path: Path) -> None:
    demo = subprocess.Popen(
        [*UP, "demo"],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    eventually(lambda: list(tmp_path.glob("seventytwo-demo-*/log/server.log")) or None, "the demo starts")
    demo.send_signal(signal.SIGTERM)
    assert demo.wait(300) != 0
    assert not list(tmp_path.glob("seventytwo-demo-*"))
