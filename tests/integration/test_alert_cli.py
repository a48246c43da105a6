"""`seventytwo alert FILE`: what it shows at the console, what it posts to a real desk, how it ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel, func, select

from flows.clock import wall_now
from flows.intake.authentication import SCHEMES
from store.database import Store
from store.tables import Alert, AlertGroup, Incident, Source
from tests.harness.desks import NOON, DeskUnderTest, add_source, desk_on, house_on
from tests.harness.terminal import Terminal

CLOSED = "http://127.0.0.1:9"
ALERT = {
    "title": "Bulk download by agent-17",
    "severity": "p2",
    "status": "firing",
    "fingerprint": "dl-4711",
    "occurred_at": "2026-03-02T13:00:00+01:00",
    "account": "agent-17",
    "link": "https://siem.example.org/alerts/4711",
}


@pytest.fixture
def desk(sqlite_store: Store, tmp_path: Path) -> Iterator[DeskUnderTest]:
    with desk_on(house_on(sqlite_store, tmp_path)) as desk:
        desk.wall = wall_now()
        yield desk


@pytest.fixture
def terminal(desk: DeskUnderTest, tmp_path: Path) -> Terminal:
    terminal = Terminal(tmp_path)
    terminal.env |= {"SEVENTYTWO_DESK_URL": desk.url}
    return terminal


def written(folder: Path, body: Any, name: str = "alert.json") -> str:
    file = folder / name
    file.write_text(body if isinstance(body, str) else json.dumps(body))
    return str(file)


def count(store: Store, table: type[SQLModel]) -> int:
    with store.reading() as session:
        return session.exec(select(func.count()).select_from(table)).one()


class TestWithoutADatabase:
    def test_it_reads_and_foretells_and_makes_no_file(self, tmp_path: Path) -> None:
        nothing = tmp_path / "nothing"
        env = {"SEVENTYTWO_DATA": str(nothing), "SEVENTYTWO_DATABASE_URL": None, "SEVENTYTWO_KEY": None}
        shown = Terminal(tmp_path).run("alert", written(tmp_path, ALERT), "--dry-run", "--json", **env)
        assert shown.exit_code == 0, shown.output
        assert "nothing is known here" in shown.stderr
        told = json.loads(shown.stdout)
        assert told["would"][0]["result"] == "opened"
        assert told["would"][0]["incident"] is None
        assert not nothing.exists()

    def test_to_post_from_there_is_refused(self, tmp_path: Path) -> None:
        env = {"SEVENTYTWO_DATA": str(tmp_path / "nothing"), "SEVENTYTWO_DATABASE_URL": None}
        assert "the database file cannot be opened" in Terminal(tmp_path).fails(
            "alert", written(tmp_path, ALERT), **env
        )


class TestADryRun:
    def test_its_json_says_what_was_read_and_what_would_be(self, terminal: Terminal, tmp_path: Path) -> None:
        add_source(terminal.store(), "siem", playbook="")
        told = json.loads(terminal.ok("alert", written(tmp_path, ALERT), "--dry-run", "--json"))
        fingerprint = told["alerts"][0].pop("fingerprint")
        assert len(fingerprint) == 64
        assert told["alerts"] == [
            {
                "source": "siem",
                "kind": "generic",
                "title": "Bulk download by agent-17",
                "severity": "high",
                "original_severity": "p2",
                "status": "firing",
                "occurred_at": "2026-03-02T13:00:00+01:00",
                "time_is": "stated",
                "category": told["alerts"][0]["category"],
                "observables": [{"kind": "account", "value": "agent-17"}],
                "ids": told["alerts"][0]["ids"],
                "data_hints": [],
                "client_hints": [],
                "clients": [],
                "link": "https://siem.example.org/alerts/4711",
            }
        ]
        assert told["would"][0]["result"] == "opened"
        assert told["would"][0]["why"] == "first alert of this fingerprint"
        assert {"playbook", "severity", "clients", "group", "incident"} <= told["would"][0].keys()

    def test_it_keeps_nothing(self, terminal: Terminal, tmp_path: Path) -> None:
        store = terminal.store()
        add_source(store, "siem")
        terminal.ok("alert", written(tmp_path, [ALERT, {**ALERT, "fingerprint": "b"}]), "--dry-run")
        assert [count(store, table) for table in (Alert, AlertGroup, Incident)] == [0, 0, 0]

    def test_it_shows_the_incident_that_an_alert_would_join(self, terminal: Terminal, tmp_path: Path) -> None:
        add_source(terminal.store(), "siem")
        terminal.ok("alert", written(tmp_path, ALERT))
        shown = terminal.ok("alert", written(tmp_path, {**ALERT, "severity": "critical"}), "--dry-run")
        assert "would join INC-" in shown

    def test_an_incident_that_only_the_rehearsal_opens_has_no_number(
        self, terminal: Terminal, tmp_path: Path
    ) -> None:
        add_source(terminal.store(), "siem")
        shown = terminal.ok("alert", written(tmp_path, [ALERT, {**ALERT, "fingerprint": "b"}]), "--dry-run")
        assert "would open an incident" in shown
        assert "would join the incident above" in shown
        assert "INC-" not in shown

    def test_a_kind_that_no_source_has_is_foretold_all_the_same(
        self, terminal: Terminal, tmp_path: Path
    ) -> None:
        shown = terminal.run("alert", written(tmp_path, ALERT), "--dry-run")
        assert shown.exit_code == 0
        assert "would open an incident" in shown.stdout
        assert "no source of this kind" in shown.stderr
        assert count(terminal.store(), Source) == 0

    def test_its_cards_fit_eighty_columns_and_obey_no_escape(
        self, terminal: Terminal, tmp_path: Path
    ) -> None:
        add_source(terminal.store(), "siem", zone="Europe/Berlin")
        hostile = {**ALERT, "title": "\x1b[31m\u202e" + "wide " * 60, "account": "\x1b]0;x\x07" + "a" * 300}
        shown = terminal.ok("alert", written(tmp_path, hostile), "--dry-run")
        assert max(map(len, shown.splitlines())) <= 80
        assert not {"\x1b", "\x07", "\u202e"} & set(shown)
        assert "2026-03-02 12:00:00 UTC" in shown
        assert "13:00 Europe/Berlin" in shown
        assert "in the tool's words: p2" in shown

    def test_its_json_obeys_no_escape_either(self, terminal: Terminal, tmp_path: Path) -> None:
        hostile = {**ALERT, "account": "a\x9b31m\u202e", "client": "\u202eevil\x9d0;x\x07"}
        shown = terminal.ok("alert", written(tmp_path, hostile), "--dry-run", "--json")
        assert shown.isascii()
        assert not [char for char in shown if not char.isprintable() and char != "\n"]
        assert json.loads(shown)["alerts"][0]["client_hints"]


class TestPosting:
    @pytest.mark.parametrize("scheme", sorted(SCHEMES))
    def test_it_proves_the_source_by_whatever_scheme_it_has(
        self, terminal: Terminal, tmp_path: Path, scheme: str
    ) -> None:
        store = terminal.store()
        add_source(store, "siem", auth=scheme)
        shown = terminal.ok("alert", written(tmp_path, ALERT))
        assert "opened INC-" in shown
        assert "as siem" in shown
        assert count(store, Alert) == 1

    def test_its_json_holds_what_the_desk_answered(self, terminal: Terminal, tmp_path: Path) -> None:
        add_source(terminal.store(), "siem")
        told = json.loads(terminal.ok("alert", written(tmp_path, ALERT), "--json"))
        assert told["results"][0]["result"] == "opened"
        assert told["results"][0]["fingerprint"] == told["alerts"][0]["fingerprint"]

    def test_the_same_alert_again_opens_nothing(self, terminal: Terminal, tmp_path: Path) -> None:
        store = terminal.store()
        add_source(store, "siem", auth="bearer")
        terminal.ok("alert", written(tmp_path, ALERT))
        assert "changed nothing" in terminal.ok("alert", written(tmp_path, ALERT))
        assert count(store, Incident) == 1

    def test_a_source_that_takes_every_kind_is_found(self, terminal: Terminal, tmp_path: Path) -> None:
        add_source(terminal.store(), "any-tool", kind="auto")
        assert "as any-tool" in terminal.ok("alert", written(tmp_path, ALERT))

    def test_the_body_can_be_piped(self, terminal: Terminal) -> None:
        add_source(terminal.store(), "siem")
        assert "opened INC-" in terminal.piped("alert", "-", text=json.dumps(ALERT))

    def test_what_the_desk_refuses_ends_with_exit_code_one(self, terminal: Terminal, tmp_path: Path) -> None:
        add_source(terminal.store(), "siem", per_minute=1)
        terminal.ok("alert", written(tmp_path, ALERT))
        assert "the desk refused it (429): too many requests" in terminal.fails(
            "alert", written(tmp_path, ALERT)
        )


class TestTheGroup:
    @pytest.mark.parametrize("command", ["quarantine", "quiet", "test", "rules"])
    def test_a_command_of_the_group_is_no_file(self, terminal: Terminal, command: str) -> None:
        assert f"alert {command}" in terminal.ok("alert", command, "--help")

    def test_a_file_named_like_a_command_is_given_with_its_folder(
        self, terminal: Terminal, tmp_path: Path
    ) -> None:
        shown = terminal.ok("alert", written(tmp_path, ALERT, "quiet"), "--dry-run")
        assert "would open an incident" in shown

    def test_options_may_stand_before_the_file(self, terminal: Terminal, tmp_path: Path) -> None:
        assert "would open" in terminal.ok("alert", "--dry-run", "--source", "auto", written(tmp_path, ALERT))


class TestWhatIsWrong:
    def test_two_sources_of_a_kind_are_both_named(self, terminal: Terminal, tmp_path: Path) -> None:
        for name in ("siem-a", "siem-b"):
            add_source(terminal.store(), name)
        assert "(siem-a, siem-b)" in terminal.fails("alert", written(tmp_path, ALERT))
        assert "as siem-b" in terminal.ok("alert", written(tmp_path, ALERT), "--source", "siem-b")

    def test_no_such_source(self, terminal: Terminal, tmp_path: Path) -> None:
        add_source(terminal.store(), "siem")
        told = terminal.fails("alert", written(tmp_path, ALERT), "--source", "nobody")
        assert "no source and no kind of that name (nobody)" in told

    def test_a_disabled_source(self, terminal: Terminal, tmp_path: Path) -> None:
        add_source(terminal.store(), "siem", disabled_at=NOON)
        assert "disabled (siem)" in terminal.fails("alert", written(tmp_path, ALERT), "--source", "siem")
        assert "no source of this kind" in terminal.fails("alert", written(tmp_path, ALERT))

    def test_a_desk_that_is_away(self, terminal: Terminal, tmp_path: Path) -> None:
        add_source(terminal.store(), "siem")
        told = terminal.fails("alert", written(tmp_path, ALERT), SEVENTYTWO_DESK_URL=CLOSED)
        assert "the desk does not answer" in told
        assert CLOSED[7:] in told

    def test_a_file_that_is_not_there(self, terminal: Terminal, tmp_path: Path) -> None:
        assert "No such file" in terminal.fails("alert", str(tmp_path / "none.json"))

    def test_what_is_no_json_is_named_by_its_line(self, terminal: Terminal, tmp_path: Path) -> None:
        assert "line 2 column 1" in terminal.fails("alert", written(tmp_path, '{"title":\n}'), "--dry-run")

    def test_what_the_door_would_not_take_is_not_sent(self, terminal: Terminal, tmp_path: Path) -> None:
        assert "larger than the desk takes" in terminal.fails("alert", written(tmp_path, " " * 1_000_001))
