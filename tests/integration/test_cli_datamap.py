"""The data map and the hypotheses on the console: what is said, and who must vouch."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlmodel import Session

from flows.clients.importing import import_clients, load_client_file
from flows.clock import wall_now
from flows.datamap.importing import import_systems, load_system_file
from tests.harness.databases import SqliteFiles
from tests.harness.terminal import Terminal

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
EXAMPLE = EXAMPLES / "datamap.yaml"


@pytest.fixture
def staffed(sqlite_files: SqliteFiles, tmp_path: Path) -> Terminal:
    sqlite_files.new(tmp_path)
    terminal = Terminal(tmp_path)
    terminal.enrol("commander-1", "--role", "commander", "--no-qr")
    with writing(terminal) as session:
        import_clients(session, load_client_file(EXAMPLES / "clients.yaml"), "commander-1", wall_now())
    return terminal


@pytest.fixture
def mapped(staffed: Terminal) -> Terminal:
    """The same with the example's data map."""
    with writing(staffed) as session:
        import_systems(session, load_system_file(EXAMPLE), "commander-1", wall_now())
    return staffed


@contextmanager
def writing(terminal: Terminal) -> Iterator[Session]:
    """The store behind a terminal, changed without spending anybody's code."""
    store = terminal.store()
    try:
        with store.writing() as session:
            yield session
    finally:
        store.close()


class TestDataMap:
    def test_a_map_is_tried_imported_shown_checked_and_imported_again(self, staffed: Terminal) -> None:
        tried = staffed.ok("datamap", "import", str(EXAMPLE), "--dry-run")
        assert tried.startswith("added: service-desk\n")
        assert tried.endswith("nothing was changed: 1 must vouch for it\n")
        assert "no system yet" in staffed.ok("datamap", "show")
        staffed.ok("datamap", "import", str(EXAMPLE), *staffed.by("commander-1"))
        assert "Recorded calls" in staffed.ok("datamap", "show")
        assert "team leads can export" in staffed.ok("datamap", "show", "service-desk")
        checked = staffed.ok("datamap", "check")
        assert "finding: call-recordings: which categories of data it holds is unknown\n" in checked
        assert "call-recordings, hr-files, loan-files, service-desk: its access log is not defined" in checked
        assert checked.endswith("4 systems, 5 findings\n")
        again = staffed.ok("datamap", "import", str(EXAMPLE), *staffed.by("commander-1"))
        assert again.startswith("unchanged: 4\n")

    def test_a_machine_reads_the_same_as_json(self, mapped: Terminal) -> None:
        shown = json.loads(mapped.ok("datamap", "show", "hr-files", "--json"))
        assert shown["systems"][0]["categories"] == ["contact", "employment", "health"]
        found = json.loads(mapped.ok("datamap", "check", "--json"))["findings"]
        assert {one["about"] for one in found if "categories" in one["what"]} == {"call-recordings"}

    def test_what_would_hold_less_needs_a_second_person_once_there_is_one(
        self, mapped: Terminal, tmp_path: Path
    ) -> None:
        mapped.enrol("privacy-1", "--role", "privacy", *mapped.by("commander-1"))
        file = tmp_path / "map.yaml"
        file.write_text(EXAMPLE.read_text().replace("[client-7, client-8]", "[client-7]"))
        said = "changed: call-recordings: clients -client-8\nunchanged: 3\n"
        tried = mapped.ok("datamap", "import", str(file), "--dry-run")
        assert tried == f"{said}nothing was changed: 2 must vouch for it\n"
        first = mapped.by("commander-1")
        alone = mapped.run("datamap", "import", str(file), *first)
        assert (alone.exit_code, "--second" in alone.stderr) == (2, True)
        second = ("--second", "privacy-1", "--second-code", mapped.code("privacy-1"))
        assert mapped.ok("datamap", "import", str(file), *first, *second).startswith(said)

    def test_every_fault_of_a_csv_map_has_its_line_and_nothing_is_imported(
        self, staffed: Terminal, tmp_path: Path
    ) -> None:
        file = tmp_path / "map.csv"
        file.write_text("ref,name,jurisdictions\naa,A,Mars\nAA,B,EU\n")
        result = staffed.run("datamap", "import", str(file), *staffed.by("commander-1"))
        assert result.exit_code == 1
        assert [line.split(": ")[0] for line in result.stderr.splitlines()] == [f"{file}:2", f"{file}:3"]
        assert "no system yet" in staffed.ok("datamap", "show")

    def test_an_access_log_that_is_defined_is_no_finding_and_a_fault_in_one_is_told(
        self, mapped: Terminal, tmp_path: Path
    ) -> None:
        logs = tmp_path / "logs"
        logs.mkdir()
        columns = "{at: at, account: who}"
        sound = f"{{id: hr-files, system: hr, format: csv, location: hr.csv, columns: {columns}}}"
        (logs / "hr.yaml").write_text(sound)
        (logs / "loans.yaml").write_text("id: loan-files\n")
        checked = mapped.run("datamap", "check", SEVENTYTWO_ACCESS_LOGS=str(logs))
        assert "finding: call-recordings, loan-files, service-desk: its access log" in checked.stdout
        assert "loans.yaml:1: " in checked.stderr

    def test_a_system_nobody_has_is_said_so(self, staffed: Terminal) -> None:
        assert "no such system" in staffed.fails("datamap", "show", "none\x1b[2J")


class TestHypotheses:
    @pytest.fixture
    def opened(self, staffed: Terminal) -> Terminal:
        """An incident, and two more who may weigh what caused it."""
        for handle in ("forensics-1", "forensics-2"):
            staffed.enrol(handle, "--role", "forensics", *staffed.by("commander-1"))
        report = ("incident", "open", "Seen", "--playbook", "data-exfiltration")
        staffed.ok(*report, *staffed.by("commander-1"))
        return staffed

    @pytest.fixture
    def ref(self, opened: Terminal) -> str:
        return next(word for word in opened.ok("incident", "list").split() if word.startswith("INC-"))

    def test_from_the_first_proposal_to_the_decision(self, opened: Terminal, ref: str) -> None:
        first, second = "forensics-1", "forensics-2"
        assert "--starting" in opened.ok("hypothesis", "list", ref)
        proposed = opened.ok("hypothesis", "propose", ref, "--starting", *opened.by(first))
        assert len(proposed.splitlines()) == 4
        accept = ("hypothesis", "accept", ref, "2")
        assert "nothing speaks for it" in opened.fails(*accept, *opened.by(second))
        opened.ok("hypothesis", "for", ref, "2", "Badge seen", *opened.by(first))
        opened.ok("hypothesis", "against", ref, "2", "Off shift", *opened.by(second))
        said = opened.ok(*accept, "--why", "The roster was wrong", *opened.by(first))
        assert said == "hypothesis 2 is accepted: source_kind is insider\n"
        listed = opened.ok("hypothesis", "list", ref)
        assert listed.startswith("2. ")
        assert "insider; accepted by forensics-1" in listed
        assert "   for: Badge seen - forensics-1\n" in listed
        assert "   missing: nobody has looked for what speaks against it\n" in listed
        data = json.loads(opened.ok("hypothesis", "list", ref, "--json"))["hypotheses"]
        assert (data[0]["state"], data[0]["weight"], data[0]["why"]) == (
            "accepted",
            0,
            "The roster was wrong",
        )

    def test_what_cannot_be_is_refused_before_anybody_is_asked(self, opened: Terminal, ref: str) -> None:
        asked = ("hypothesis", "propose", ref)
        assert "--starting" in opened.fails(*asked)
        assert "--starting" in opened.fails(*asked, "Words", "--starting")
        said = opened.fails("hypothesis", "for", ref, "1", "Words", "--evidence", "three")
        assert "write it as E3" in said
