"""`seventytwo evidence`: a story from the terminal, what is said, and how each command ends."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pyotp
import pytest
from click.testing import Result
from sqlmodel import select
from typer.testing import CliRunner

from flows.cli.main import app
from store.database import Store
from store.tables import Responder
from tests.harness.databases import SECRET
from tests.harness.evidence import Room, room_on

HOSTILE = re.compile("[\x1b\x07\u202e]")


@dataclass
class Terminal:
    """A shell before the house of a room."""

    room: Room
    spent: set[str] = field(default_factory=set)

    @property
    def env(self) -> dict[str, str]:
        return {
            "SEVENTYTWO_DATA": str(self.room.folder / "data"),
            "SEVENTYTWO_KEY": base64.b64encode(SECRET).decode(),
            "SEVENTYTWO_DATABASE_URL": f"sqlite:///{self.room.folder / 'store.db'}",
            "COLUMNS": "200",
        }

    def run(self, *words: str) -> Result:
        result = CliRunner().invoke(app, ["evidence", *words], env=self.env)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    def ok(self, *words: str) -> str:
        result = self.run(*words)
        assert result.exit_code == 0, result.output
        return result.stdout

    def fails(self, *words: str) -> str:
        """Run a command that must end with 1 and one line on the error output; all that it said."""
        result = self.run(*words)
        assert result.exit_code == 1, result.output
        assert result.stderr.count("\n") == 1
        return result.stdout + result.stderr

    def by(self, handle: str, second: str = "") -> tuple[str, ...]:
        also = ("--second", second, "--second-code", self.code(second)) if second else ()
        return "--as", handle, "--code", self.code(handle), *also

    def code(self, handle: str) -> str:
        """A code that no command has spent; within one period before or after now."""
        with self.room.house.store.reading() as session:
            row = session.exec(select(Responder).where(Responder.handle == handle)).one()
        otp, now = pyotp.TOTP(row.secret), int(time.time())
        fresh = [code for shift in (0, 30, -30) if (code := otp.at(now + shift)) not in self.spent]
        self.spent.add(fresh[0])
        return fresh[0]


@pytest.fixture
def terminal(sqlite_store: Store, tmp_path: Path) -> Terminal:
    return Terminal(room_on(sqlite_store, tmp_path))


@pytest.fixture
def ref(terminal: Terminal) -> str:
    return terminal.room.ref


def test_a_file_from_its_intake_to_its_disposal(terminal: Terminal, ref: str, tmp_path: Path) -> None:
    path = terminal.room.file(content=b"a,b\n")
    digest = hashlib.sha256(b"a,b\n").hexdigest()
    added = terminal.ok("add", ref, str(path), "--case", "B", "--step", "look", *terminal.by("it-1"))
    assert added == f"{ref} E1  4 bytes  SHA-256 {digest}\n"
    assert "E1" in terminal.ok("list", ref)
    assert "no evidence yet" in terminal.ok("list", ref, "--case", "A")
    assert "verified" in terminal.ok("verify", ref, *terminal.by("forensics-1"))
    handed = ("transfer", ref, "E1", "--to", "forensics-1", "--why", "to the laboratory")
    assert "forensics-1 has it" in terminal.ok(*handed, *terminal.by("it-1"))
    copy = tmp_path / "copy.csv"
    copied = ("export", ref, "E1", "--out", str(copy), "--why", "for the court")
    assert digest in terminal.ok(*copied, *terminal.by("forensics-1"))
    assert copy.read_bytes() == b"a,b\n"
    terminal.ok("hold", ref, "E1", "--why", "a claim", *terminal.by("privacy-1"))
    over = ("dispose", ref, "E1", "--why", "retention is over")
    assert "legal hold" in terminal.fails(*over, *terminal.by("privacy-1", "it-2"))
    terminal.ok("release", ref, "E1", "--why", "settled", *terminal.by("commander-1", "it-2"))
    assert "disposed of" in terminal.ok(*over, *terminal.by("commander-1", "it-1"))
    sheet = terminal.ok("show", ref, "E1")
    kinds = ("collected", "verified", "transferred", "accessed", "held", "released", "disposed")
    assert [line.split()[5] for line in sheet.splitlines() if re.match(r"\d+ +\d{4}-", line)] == list(kinds)
    assert sheet.count(digest) == 5
    assert f"Every entry stands in the timeline of {ref}, whose chain verifies." in sheet
    assert terminal.room.in_vault() == []


WHILE_IT_IS_SEALED = (
    "import store.vault as vault\nvault.seal_stream = lambda *_: (os.kill(os.getpid(), 9) for _ in [0])"
)
BEFORE_IT_IS_RECORDED = (
    "import flows.evidence.intake as intake\nintake._record = lambda *_: os.kill(os.getpid(), 9)"
)


@pytest.mark.parametrize(
    ("death", "left"), [(WHILE_IT_IS_SEALED, "incoming"), (BEFORE_IT_IS_RECORDED, "contents")]
)
def test_an_intake_that_is_killed_records_nothing_and_is_simply_repeated(
    terminal: Terminal, ref: str, death: str, left: str
) -> None:
    add = ("add", ref, str(terminal.room.file()))
    script = f"import os\n{death}\nfrom flows.cli.main import app\napp()"
    died = subprocess.run(
        [sys.executable, "-c", script, "evidence", *add, *terminal.by("it-1")],
        cwd=Path(__file__).parents[2], env={**os.environ, **terminal.env}, timeout=300, check=False,
    )  # fmt: skip
    assert died.returncode == -signal.SIGKILL
    assert [path.relative_to(terminal.room.vault.root).parts[0] for path in terminal.room.in_vault()] == [
        left
    ]
    assert "no evidence yet" in terminal.ok("list", ref)
    assert terminal.room.kinds() == []
    assert f"{ref} E1" in terminal.ok(*add, *terminal.by("it-1"))
    assert "verified" in terminal.ok("verify", ref, *terminal.by("forensics-1"))


def test_an_empty_file_is_said_to_be_empty(terminal: Terminal, ref: str) -> None:
    path = terminal.room.file(content=b"")
    assert "EMPTY" in terminal.ok("add", ref, str(path), *terminal.by("it-1"))
    assert "EMPTY" in terminal.ok("show", ref, "E1")


def test_the_same_file_again_names_the_first(terminal: Terminal, ref: str) -> None:
    path = str(terminal.room.file())
    terminal.ok("add", ref, path, *terminal.by("it-1"))
    assert "E1" in terminal.fails("add", ref, path, *terminal.by("it-1"))


def test_a_reference_is_recorded_without_bytes(terminal: Terminal, ref: str) -> None:
    kept = ("add", ref, "--reference", "shelf 3, box 12", "--title", "A telephone", "--collected-by", "it-2")
    assert "reference" in terminal.ok(*kept, *terminal.by("it-1"))
    assert "shelf 3, box 12" in terminal.ok("show", ref, "E1")
    assert "nothing is kept here" in terminal.ok("verify", ref, *terminal.by("forensics-1"))


@pytest.mark.parametrize("words", [[], ["x", "--reference", "shelf"]])
def test_either_a_file_or_a_reference(terminal: Terminal, ref: str, words: list[str]) -> None:
    assert terminal.run("add", ref, *words).exit_code == 2


def test_two_are_asked_for_where_two_are_needed(terminal: Terminal, ref: str) -> None:
    terminal.ok("add", ref, str(terminal.room.file()), *terminal.by("it-1"))
    alone = terminal.run("dispose", ref, "E1", "--why", "over", *terminal.by("privacy-1"))
    assert alone.exit_code == 2
    assert "--second" in alone.stderr
    same = ("--second", "commander-1", "--second-code", terminal.code("commander-1"))
    twice = terminal.fails("dispose", ref, "E1", "--why", "over", *terminal.by("commander-1"), *same)
    assert "two different people" in twice


def test_tampered_bytes_end_with_one_and_stay_on_the_sheet(terminal: Terminal, ref: str) -> None:
    terminal.ok("add", ref, str(terminal.room.file()), *terminal.by("it-1"))
    (path,) = terminal.room.in_vault()
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    said = terminal.fails("verify", ref, "E1", *terminal.by("forensics-1"))
    assert "E1  MISMATCH" in said
    assert "does not verify" in said
    assert "edited" in terminal.ok("show", ref, "E1")


def test_an_edited_entry_ends_the_sheet_with_one(terminal: Terminal, ref: str) -> None:
    terminal.ok("add", ref, str(terminal.room.file()), *terminal.by("it-1"))
    with terminal.room.house.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE custody SET by = 'it-2'")
    said = terminal.fails("show", ref, "E1")
    assert "FINDING: entry 1 differs from entry 1 of the timeline" in said
    assert "Every entry stands" not in said


def test_the_manifest_is_safe_in_a_spreadsheet_and_whole_as_json(
    terminal: Terminal, ref: str, tmp_path: Path
) -> None:
    terminal.ok("add", ref, str(terminal.room.file()), "--title", "=1+1", *terminal.by("it-1"))
    (row,) = csv.DictReader(io.StringIO(terminal.ok("manifest", ref, "--csv")))
    assert (row["title"], row["custody_entries"]) == ("'=1+1", "1")
    out = tmp_path / "manifest.json"
    said = terminal.ok("manifest", ref, "--json", "--out", str(out))
    assert hashlib.sha256(out.read_bytes()).hexdigest() in said
    (item,) = json.loads(out.read_text())
    assert item["custody"][0]["sha256"] == item["sha256"] == row["sha256"]
    assert terminal.run("manifest", ref).exit_code == 2


def test_hostile_words_are_inert(terminal: Terminal, ref: str) -> None:
    path = terminal.room.file("x\x1b]0;owned\x07\u202e.csv")
    said = terminal.ok("add", ref, str(path), *terminal.by("it-1"))
    said += terminal.ok("list", ref) + terminal.ok("show", ref, "E1")
    said += terminal.fails("show", ref, "E9") + terminal.fails("show", ref, "\x1b[31mE")
    assert not HOSTILE.search(said)
