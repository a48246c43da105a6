"""Observables and access by command: in somebody's name, shown so that no terminal and no link obeys."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from click.testing import Result
from sqlmodel import select
from typer.testing import CliRunner

from flows.cli.main import app
from flows.clock import wall_now
from playbooks.library import load_playbooks
from store.database import Store
from store.tables import Observable, Reconstruction, TimelineEntry
from tests.harness.databases import SECRET
from tests.harness.desks import add_client, add_responder
from tests.harness.incidents import add_case, open_incident

SOURCE = """
id: log
system: crm
format: csv
location: a.csv
columns: {at: time, account: user, client: customer, record: id}
"""


@pytest.fixture
def env(sqlite_store: Store, tmp_path: Path) -> dict[str, str]:
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "log.yaml").write_text(SOURCE)
    (logs / "a.csv").write_text(
        "time,user,customer,id\n2026-03-02T10:00:00Z,\x1b[31mevil.example,ours,r1\nbroken\n"
    )
    return {
        "SEVENTYTWO_DATABASE_URL": str(sqlite_store.engine.url),
        "SEVENTYTWO_KEY": base64.b64encode(SECRET).decode(),
        "SEVENTYTWO_DATA": str(tmp_path),
        "SEVENTYTWO_ACCESS_LOGS": str(logs),
        "COLUMNS": "200",
    }


def run(env: dict[str, str], *words: str) -> Result:
    return CliRunner(env=env).invoke(app, list(words))


def by(store: Store, handle: str, *clients: str) -> list[str]:
    return ["--as", handle, "--code", add_responder(store, handle, *clients)(wall_now())]


def incident(store: Store) -> str:
    ref = open_incident(store)
    with store.deciding(ref) as (_, found):
        found.plan = load_playbooks(())["data-exfiltration"].pinned()
    return ref


def test_an_observable_is_added_once_and_shown_defanged(sqlite_store: Store, env: dict[str, str]) -> None:
    ref = incident(sqlite_store)
    first = run(env, "observable", "add", ref, "domain", "Evil[.]example", *by(sqlite_store, "it-1"))
    assert first.stdout == "O1 is added\n", first.exception
    again = run(env, "observable", "add", ref, "domain", "evil.example", *by(sqlite_store, "it-2"))
    assert again.stdout == "it was known already\n"
    listed = run(env, "observable", "list", ref).stdout
    assert "evil[.]example" in listed
    assert "evil.example" not in listed
    with sqlite_store.reading() as session:
        (row,) = session.exec(select(Observable)).all()
        entry = session.exec(select(TimelineEntry).where(TimelineEntry.kind == "observables_kept")).one()
    assert (row.number, row.origin, entry.author) == (1, "it-1", "it-1")
    assert "evil" not in json.dumps(entry.payload)


@pytest.mark.parametrize(
    ("kind", "value", "why"),
    [
        ("address", "not one", "that spells no address"),
        ("colour", "red", "no such kind of observable"),
        ("sha256", "abc", "that spells no sha256"),
        ("host", " ", "that spells no host"),
    ],
)
def test_what_is_no_observable_is_refused(
    sqlite_store: Store, env: dict[str, str], kind: str, value: str, why: str
) -> None:
    told = run(env, "observable", "add", incident(sqlite_store), kind, value, *by(sqlite_store, "it-1"))
    assert (told.exit_code, why in told.stderr) == (1, True), told.stderr


def test_access_is_reconstructed_in_somebodys_name_and_shown(
    sqlite_store: Store, env: dict[str, str]
) -> None:
    ref = incident(sqlite_store)
    add_client(sqlite_store, "ours", "Example Retail Ltd")
    period = ["--from", "2026-03-02T00:00Z", "--until", "2026-03-03T00:00Z"]
    told = run(env, "access", "reconstruct", ref, *period, *by(sqlite_store, "it-1"))
    assert told.exit_code == 0, told.exception
    assert "R1 is written down" in told.stdout
    shown = run(env, "access", "show", ref).stdout
    assert "a.csv:3: fewer columns than its head" in shown
    assert "evil[.]example" in shown
    assert "finding: log: 1 of 2 rows could not be read" in shown
    assert "\x1b" not in shown
    whole = json.loads(run(env, "access", "show", ref, "--json").stdout)
    assert whole["access"]["clients"][0]["records"] == {"low": 1, "high": 1}
    assert whole["scope"]["clients"][0]["is_known"] is True


@pytest.mark.parametrize(("concerned", "why"), [("theirs", "no such incident"), ("ours", "of any client")])
def test_who_sees_some_clients_only_may_do_neither(
    sqlite_store: Store, env: dict[str, str], concerned: str, why: str
) -> None:
    ref = incident(sqlite_store)
    add_case(sqlite_store, ref, concerned, "A")
    limited = by(sqlite_store, "it-1", "ours")
    period = ["--from", "2026-03-02T00:00Z", "--until", "2026-03-03T00:00Z"]
    second = by(sqlite_store, "it-2", "ours")
    for words in (
        ["access", "reconstruct", ref, *period, *limited],
        ["observable", "add", ref, "host", "pc-1", *second],
    ):
        told = run(env, *words)
        assert (told.exit_code, why in told.stderr) == (1, True), told.stderr
    with sqlite_store.reading() as session:
        assert not session.exec(select(Reconstruction)).all()


def test_nothing_reconstructed_is_said(sqlite_store: Store, env: dict[str, str]) -> None:
    told = run(env, "access", "show", incident(sqlite_store))
    assert (told.exit_code, "no such reconstruction" in told.stderr) == (1, True)


def test_sources_are_checked_without_a_log_being_read(env: dict[str, str]) -> None:
    told = run(env, "access", "check")
    assert "1 file" in told.stdout
    (Path(env["SEVENTYTWO_ACCESS_LOGS"]) / "bad.yaml").write_text("id: log\n")
    faulty = run(env, "access", "check")
    assert (faulty.exit_code, "`format` is missing" in faulty.stderr) == (1, True)
