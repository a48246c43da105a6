"""The console script: what it says, where it says it, and how it ends."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.cli.main import COMMANDS
from flows.house import House
from flows.reported import Report, open_reported
from flows.settings import Settings
from flows.vouching import Voucher
from store.tables import ActionItem, Incident
from tests.harness.databases import SqliteFiles
from tests.harness.terminal import Terminal

# typer itself strips colours where there is no terminal, so that a test of ours needs more than these
HOSTILE = re.compile("[\x1b\x07\u202e]")
ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "clients.yaml"


@pytest.fixture
def terminal(sqlite_files: SqliteFiles, tmp_path: Path) -> Terminal:
    sqlite_files.new(tmp_path)
    return Terminal(tmp_path)


@pytest.fixture
def staffed(terminal: Terminal) -> Terminal:
    terminal.enrol("commander-1", "--role", "commander", "--no-qr")
    return terminal


class TestEnds:
    def test_help_names_every_command_and_imports_neither_engine_nor_store(self) -> None:
        script = (
            "import sys; sys.argv = ['seventytwo', '--help']\n"
            "from flows.cli.main import app\n"
            "try: app()\n"
            "except SystemExit: pass\n"
            "print(sorted({name.split('.')[0] for name in sys.modules} & {'prefect', 'sqlmodel', 'fastapi'}))"
        )
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, timeout=300, check=True
        )
        assert done.stdout.splitlines()[-1] == "[]"
        assert all(name in done.stdout for name in COMMANDS)

    @pytest.mark.parametrize("name", sorted(COMMANDS))
    def test_every_command_has_help_of_its_own(self, terminal: Terminal, name: str) -> None:
        assert "Usage" in terminal.ok(name, "--help")

    @pytest.mark.parametrize(
        "arguments", [["nonsense"], ["responder", "nonsense"], ["incident", "show"], ["db", "migrate", "--x"]]
    )
    def test_a_wrong_usage_ends_with_two(self, terminal: Terminal, arguments: list[str]) -> None:
        assert terminal.run(*arguments).exit_code == 2

    def test_the_script_itself_ends_with_one_and_one_line_without_a_traceback(
        self, terminal: Terminal
    ) -> None:
        done = subprocess.run(
            [sys.executable, "-c", "from flows.cli.main import app; app()", "incident", "show", "INC-1"],
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=300,
            check=False,
            env={**os.environ, **terminal.env},
        )
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == "no such incident (INC-1) - see `seventytwo incident list --all`\n"

    def test_a_missing_key_says_where_and_how_to_mend_it(self, terminal: Terminal, tmp_path: Path) -> None:
        said = terminal.fails("responder", "list", SEVENTYTWO_KEY=None)
        assert str(tmp_path / "key") in said
        assert "SEVENTYTWO_KEY" in said

    def test_a_key_that_is_none_says_so(self, terminal: Terminal) -> None:
        assert "SEVENTYTWO_KEY" in terminal.fails("responder", "list", SEVENTYTWO_KEY="not base64!")

    def test_a_data_folder_that_is_not_there_says_so(self, terminal: Terminal, tmp_path: Path) -> None:
        nowhere = f"sqlite:///{tmp_path / 'none' / 'store.db'}"
        assert str(tmp_path / "none") in terminal.fails("client", "list", SEVENTYTWO_DATABASE_URL=nowhere)

    def test_a_migration_behind_names_the_command_that_mends_it(
        self, terminal: Terminal, tmp_path: Path
    ) -> None:
        empty = f"sqlite:///{tmp_path / 'empty.db'}"
        assert "seventytwo db migrate" in terminal.fails("client", "list", SEVENTYTWO_DATABASE_URL=empty)
        terminal.env["SEVENTYTWO_DATABASE_URL"] = empty
        assert "up to date" in terminal.ok("db", "migrate")
        assert "no client yet" in terminal.ok("client", "list")

    def test_a_file_that_is_no_database_says_so(self, terminal: Terminal, tmp_path: Path) -> None:
        (tmp_path / "text.db").write_text("this is no database, and much longer than a header would be" * 20)
        assert terminal.fails("client", "list", SEVENTYTWO_DATABASE_URL=f"sqlite:///{tmp_path / 'text.db'}")

    @pytest.mark.parametrize("url", ["nonsense", "mysql://somewhere/x", "sqlite://"])
    def test_an_address_of_no_database_of_ours_says_so(self, terminal: Terminal, url: str) -> None:
        assert terminal.fails("client", "list", SEVENTYTWO_DATABASE_URL=url)

    def test_a_database_server_that_is_away_says_so(self, terminal: Terminal) -> None:
        away = "postgresql://nobody@127.0.0.1:9/none"
        assert "database" in terminal.fails("client", "list", SEVENTYTWO_DATABASE_URL=away)

    def test_health_names_what_does_not_work(self, terminal: Terminal) -> None:
        assert "watch, prefect" in terminal.fails("health")

    def test_deploying_to_a_server_that_is_away_says_so(self, terminal: Terminal) -> None:
        assert terminal.fails("deploy")


class TestPeople:
    def test_the_first_responder_needs_no_code_and_sees_a_qr_code(self, terminal: Terminal) -> None:
        shown = terminal.enrol("commander-1", "--role", "commander", "--role", "it")
        assert "█" in shown
        assert "not shown again" in shown
        listed = terminal.ok("responder", "list")
        assert "commander,it" in listed
        assert terminal.secrets["commander-1"] not in listed

    def test_without_a_terminal_a_change_without_a_code_is_a_wrong_usage(self, staffed: Terminal) -> None:
        result = staffed.run("responder", "add", "it-1", "--name", "Test", "--role", "it")
        assert result.exit_code == 2
        assert "--as" in result.stderr

    def test_an_approver_is_made_by_two(self, staffed: Terminal) -> None:
        staffed.enrol("it-1", "--role", "it", *staffed.by("commander-1"))
        add = ("responder", "add", "approver-1", "--name", "Test", "--role", "approver")
        alone = staffed.run(*add, *staffed.by("commander-1"))
        assert alone.exit_code == 2
        assert "--second" in alone.stderr
        second = ("--second", "it-1", "--second-code", staffed.code("it-1"))
        assert "approver-1 is enrolled" in staffed.ok(*add, *staffed.by("commander-1"), *second)

    def test_a_spent_code_is_told_to_wait_and_a_wrong_one_to_read_anew(self, staffed: Terminal) -> None:
        code = staffed.code("commander-1")
        by = ("--as", "commander-1", "--code", code)
        staffed.enrol("it-1", "--role", "it", *by)
        again = ("responder", "add", "it-2", "--name", "Test", "--role", "it")
        assert "wait for the next one" in staffed.fails(*again, *by)
        assert "read a new code" in staffed.fails(*again, "--as", "commander-1", "--code", "12")

    def test_disabling_asks_for_a_code_and_keeps_the_last_one(self, staffed: Terminal) -> None:
        assert "enrol another first" in staffed.fails(
            "responder", "disable", "commander-1", *staffed.by("commander-1")
        )
        staffed.enrol("it-1", "--role", "it", *staffed.by("commander-1"))
        assert "disabled" in staffed.ok("responder", "disable", "commander-1", *staffed.by("it-1"))

    def test_hostile_text_is_inert_in_messages_and_lists(self, staffed: Terminal) -> None:
        hostile = "x\x1b]0;owned\x07\x1b[31m\u202ered"
        said = staffed.fails("responder", "add", hostile, "--name", "Test", "--role", "it")
        said += staffed.fails("incident", "show", hostile)
        assert not HOSTILE.search(said)


class TestClientsAndSources:
    def test_a_client_file_is_imported_listed_and_imported_again(self, staffed: Terminal) -> None:
        first = staffed.ok("client", "import", str(EXAMPLE), *staffed.by("commander-1"))
        assert first == "added: client-7, client-8, own-staff\n"
        listed = staffed.ok("client", "list")
        assert "Example Retail Ltd" in listed
        assert "24 h (v1)" in listed
        again = staffed.ok("client", "import", str(EXAMPLE), *staffed.by("commander-1"))
        assert again == "unchanged: client-7, client-8, own-staff\n"

    def test_what_is_missing_is_said_after_the_import_and_in_the_list(
        self, staffed: Terminal, tmp_path: Path
    ) -> None:
        file = tmp_path / "clients.yaml"
        desk = "{name: Desk, channel: phone, address: '+1 555 0100'}"
        other = desk.replace("0100", "0101")
        file.write_text(
            "clients:\n"
            f"- {{ref: aa, name: A, jurisdictions: [EU], status: [none], contacts: [{desk}, {other}]}}\n"
            f"- {{ref: bb, name: B, jurisdictions: [EU], status: [none], contacts: [{desk}]}}\n"
        )
        imported = staffed.ok("client", "import", str(file), *staffed.by("commander-1"))
        silent = "its contract gives no hours: the strictest default of 24 h holds, as policy"
        for said in (imported, staffed.ok("client", "list")):
            assert "finding: no client is our own organisation" in said
            assert f"finding: aa, bb: {silent}\n" in said
            assert "finding: bb: no backup contact" in said

    def test_a_changed_contact_needs_a_second_person_once_there_is_one(
        self, staffed: Terminal, tmp_path: Path
    ) -> None:
        file = tmp_path / "clients.yaml"
        bring = ("client", "import", str(file))
        file.write_text(EXAMPLE.read_text())
        staffed.ok(*bring, *staffed.by("commander-1"))
        staffed.enrol("privacy-1", "--role", "privacy", *staffed.by("commander-1"))
        file.write_text(EXAMPLE.read_text().replace("privacy@example.com", "elsewhere@example.com"))
        first = staffed.by("commander-1")
        alone = staffed.run(*bring, *first)
        assert alone.exit_code == 2
        assert "--second" in alone.stderr
        second = ("--second", "privacy-1", "--second-code", staffed.code("privacy-1"))
        assert "changed: client-7\n" in staffed.ok(*bring, *first, *second)

    def test_every_fault_of_a_client_file_has_its_line(self, staffed: Terminal, tmp_path: Path) -> None:
        file = tmp_path / "clients.yaml"
        file.write_text(
            "clients:\n- ref: aa\n  name: A\n  zone: Mars\n  hue: red\x1b[31m\n".replace("\x1b", "\\e")
        )
        result = staffed.run("client", "import", str(file), *staffed.by("commander-1"))
        assert result.exit_code == 1
        assert [line.split(": ")[0] for line in result.stderr.splitlines()] == [f"{file}:4", f"{file}:5"]
        assert "no client yet" in staffed.ok("client", "list")

    def test_a_source_shows_its_secret_once(self, staffed: Terminal) -> None:
        add = ("source", "add", "guard-1", "--kind", "guardduty", "--playbook", "data-exfiltration")
        shown = staffed.ok(*add, *staffed.by("commander-1"))
        secret = shown.splitlines()[-1]
        assert len(secret) >= 43
        assert "/alerts/guard-1" in shown
        listed = staffed.ok("source", "list")
        assert "guard-1" in listed
        assert secret not in listed
        assert "disabled" in staffed.ok("source", "disable", "guard-1", *staffed.by("commander-1"))

    def test_an_unknown_playbook_is_answered_with_those_there_are(self, staffed: Terminal) -> None:
        add = ("source", "add", "guard-1", "--kind", "guardduty", "--playbook", "none")
        assert "data-exfiltration" in staffed.fails(*add, *staffed.by("commander-1"))


class TestIncidents:
    def test_a_report_opens_an_incident_with_clocks_that_run(self, staffed: Terminal) -> None:
        staffed.ok("client", "import", str(EXAMPLE), *staffed.by("commander-1"))
        title = "Records \x07\u202e\x1b[31mmailed to the wrong person"
        report = (
            "incident",
            "open",
            title,
            "--playbook",
            "misdirected-message",
            "--client",
            "client-7",
        )
        said = staffed.ok(*report, *staffed.by("commander-1"))
        ref = f"INC-{datetime.now(UTC).year}-0001"
        assert ref in said
        assert "Prefect server" in said
        assert ref in staffed.ok("incident", "list")
        shown = staffed.ok("incident", "show", ref)
        assert "mailed to the wrong person" in shown
        assert not HOSTILE.search(shown)
        assert "CONTRACT" in shown or "Contract" in shown
        assert f"{ref}  verified" in staffed.ok("timeline", "verify")

    def test_who_sees_one_client_reports_for_that_client_only(self, staffed: Terminal) -> None:
        staffed.ok("client", "import", str(EXAMPLE), *staffed.by("commander-1"))
        limited = ("--role", "client_lead", "--client", "client-7")
        staffed.enrol("lead-1", *limited, *staffed.by("commander-1"))
        report = ("incident", "open", "Seen", "--playbook", "data-exfiltration")
        assert "some clients only" in staffed.fails(*report, *staffed.by("lead-1"))
        assert "outside the clients" in staffed.fails(*report, "--client", "own-staff", *staffed.by("lead-1"))
        assert "is open" in staffed.ok(*report, "--client", "client-7", *staffed.by("lead-1"))

    def test_the_same_report_twice_is_one_incident(self, staffed: Terminal) -> None:
        store = staffed.store()
        home = House(Settings.from_env(staffed.env), store)
        voucher = Voucher("commander-1", staffed.code("commander-1"))
        report = Report("report:1", voucher, "data-exfiltration")
        now = datetime.now(UTC)
        assert open_reported(home, report, now) == open_reported(home, report, now)
        store.close()

    @pytest.mark.parametrize(
        "changed",
        [["--playbook", "none"], ["--client", "nobody"], ["--severity", "dire"]],
    )
    def test_a_report_that_cannot_be_opens_nothing(self, staffed: Terminal, changed: list[str]) -> None:
        report = ("incident", "open", "Seen", "--playbook", "data-exfiltration", *changed)
        staffed.fails(*report, *staffed.by("commander-1"))
        assert "no open incident" in staffed.ok("incident", "list")


class TestActions:
    @pytest.fixture
    def agreed(self, staffed: Terminal) -> Iterator[Terminal]:
        """An incident with one action item, owned by it-1."""
        staffed.enrol("it-1", "--role", "it", *staffed.by("commander-1"))
        staffed.ok("incident", "open", "Seen", "--playbook", "data-exfiltration", *staffed.by("commander-1"))
        store = staffed.store()
        now = datetime.now(UTC)
        with store.writing() as session:
            incident = session.get_one(Incident, 1)
            assert incident.id is not None
            session.add(
                ActionItem(
                    ref="ACT-1",
                    incident_id=incident.id,
                    title="Rotate keys \x07\u202e\x1b[5m",
                    owner="it-1",
                    due_at=now,
                    evidence="",
                    opened_at=now,
                )
            )
        yield staffed
        store.close()

    def test_an_action_item_is_closed_by_its_owner_with_evidence(self, agreed: Terminal) -> None:
        listed = agreed.ok("action", "list")
        assert "Rotate keys" in listed
        assert not HOSTILE.search(listed)
        close = ("action", "close", "ACT-1", "--evidence", "change 4711")
        assert "is closed" in agreed.ok(*close, *agreed.by("it-1"))
        assert "nothing to mend" in agreed.ok("action", "list")
        assert "ACT-1" in agreed.ok("action", "list", "--all")
        assert "closed already" in agreed.fails(*close, *agreed.by("it-1"))

    def test_an_action_item_is_not_closed_without_evidence_or_by_a_bystander(self, agreed: Terminal) -> None:
        agreed.enrol("privacy-1", "--role", "privacy", *agreed.by("it-1"))
        close = ("action", "close", "ACT-1", "--evidence")
        assert "evidence" in agreed.fails(*close, " ", *agreed.by("it-1"))
        assert "ask it-1" in agreed.fails(*close, "change 4711", *agreed.by("privacy-1"))


class TestProof:
    def test_an_edited_house_chain_ends_the_check_with_one(self, staffed: Terminal) -> None:
        assert "house  verified  1 entries" in staffed.ok("timeline", "verify", "house")
        store = staffed.store()
        with store.engine.begin() as connection:
            guards = connection.exec_driver_sql(
                "select name, sql from sqlite_master where type = 'trigger'"
            ).all()
            for name, _ in guards:
                connection.exec_driver_sql(f'drop trigger "{name}"')
            connection.exec_driver_sql("update timeline set author = 'somebody-else'")
            for _, guard in guards:
                connection.exec_driver_sql(guard)
        store.close()
        result = staffed.run("timeline", "verify", "--all")
        assert result.exit_code == 1
        assert "house  BROKEN  at entry 1" in result.stdout
        assert result.stderr.startswith("a timeline does not verify (house)")

    def test_a_chain_of_no_such_name_says_so(self, staffed: Terminal) -> None:
        assert "INC-1" in staffed.fails("timeline", "verify", "INC-1")


class TestPlaybooks:
    def test_the_shipped_playbooks_and_law_have_no_fault(self, terminal: Terminal) -> None:
        assert "no fault" in terminal.ok("playbook", "check")
        assert "data-exfiltration" in terminal.ok("playbook", "list")
        assert "no fault" in terminal.ok("law", "check")

    @pytest.mark.parametrize(
        ("command", "variable"), [("playbook", "SEVENTYTWO_PLAYBOOKS"), ("law", "SEVENTYTWO_LAW")]
    )
    def test_faults_of_every_file_are_listed_together(
        self, terminal: Terminal, tmp_path: Path, command: str, variable: str
    ) -> None:
        for name in ("bad", "worse"):
            (tmp_path / f"{name}.yaml").write_text("id: 3\n")
        result = terminal.run(command, "check", **{variable: str(tmp_path)})
        assert result.exit_code == 1
        assert {line.split(":")[0] for line in result.stderr.splitlines()} == {
            str(tmp_path / "bad.yaml"),
            str(tmp_path / "worse.yaml"),
        }
