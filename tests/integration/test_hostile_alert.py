"""One hostile alert, posted to a real desk and followed through everything that is made of its incident.

Its title, labels, account, host, client, link and severity try to mention, to link, to colour, to run, to
calculate and to turn the reading direction. Each carries a mark: where the mark stands it is read as text,
and Slack and Prefect hold it nowhere.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from markdown_it import MarkdownIt
from sqlmodel import select

from store.database import Store
from store.tables import Alert, Evidence, Observable, Question, TimelineEntry
from tests.harness.databases import SqliteFiles, fixed_keyring
from tests.harness.houses import world_on
from tests.harness.nursery import Nursery
from tests.harness.prefect import Prefect
from tests.harness.terminal import Terminal
from tests.harness.world import World

pytestmark = pytest.mark.prefect

MARK = "zq9"
POISON = (
    f"{MARK}a{{{{ 7*7 }}}}{MARK}b {{% raw %}} <!channel> <!here> <@U1> @channel *bold*"
    " <script>alert(1)</script> <img src=x onerror=alert(2)> <svg onload=alert(3)> </title></style></svg>"
    " &lt;marquee&gt; [x](javascript:a) | `rm`"
    " https://evil.example/x \x1b[31m\x1b]0;owned\x07\x9b1m \u202egpj.exe\u202c \u2066x\u2069 \u200b"
)
FORMULA = f"=cmd|' /C calc'!A0 {MARK}"
LONG = "long " * 1_900
ALERT: dict[str, Any] = {
    "title": f"{FORMULA} {POISON} {LONG}",
    "severity": f"+high {POISON[:20]}",
    "fingerprint": f"{MARK} fingerprint {POISON}",
    "account": f"@agent-17{POISON}"[:400],
    "host": f"-host{POISON}"[:400],
    "client": f"+client {POISON}",
    "id": f"@id {POISON}",
    "service": POISON,
    "environment": POISON,
    "labels": {POISON: POISON, "user": FORMULA},
    "link": f"https://siem.example.org/{MARK}?<script>alert(1)</script>={{{{7*7}}}}|*x*",
}
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069]")
"""What a terminal, a browser or a reader's eye would obey."""


class Elements(HTMLParser):
    """Every element of a page with its attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.fixture(scope="module")
def store(sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = Store.open(sqlite_files.new(tmp_path_factory.mktemp("hostile")), fixed_keyring())
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def walked(store: Store, prefect: Prefect, young: Nursery) -> Iterator[World]:
    """A house in which the alert came, came again graver, and whose incident was walked to its closing."""
    folder = Path(str(store.engine.url.database)).parent
    with world_on(store, folder, prefect, young) as world:
        world.start_worker()
        world.raise_alert("data-exfiltration", **ALERT)
        assert (
            world.post_alert("data-exfiltration", **{**ALERT, "severity": "critical"})["result"] == "joined"
        )
        world.walk()
        yield world


@pytest.fixture
def terminal(walked: World) -> Terminal:
    return Terminal(walked.folder)


@pytest.fixture
def page(walked: World) -> str:
    with walked.desk() as desk, desk.reader() as browser:
        handle = walked.cast.holder("commander", [])
        sent = {"handle": handle, "code": walked.cast.code(handle)}
        shown = browser.post(f"/i/{walked.ref}", data=sent, follow_redirects=True)
    assert shown.status_code == 200
    return shown.text


def reports(terminal: Terminal, walked: World, folder: Path) -> tuple[str, str]:
    """The report as Markdown and as HTML."""
    terminal.ok("incident", "report", walked.ref, "--to", str(folder))
    markdown, html = (folder / f"{walked.ref}-report.{kind}" for kind in ("md", "html"))
    return markdown.read_text(), html.read_text()


def assert_inert_html(page: str) -> None:
    """No element and no attribute of the page is the alert's, and no sign in it is obeyed."""
    read = Elements(page)
    assert not {"script", "img", "iframe", "object", "marquee", "base"} & {tag for tag, _ in read.found}
    for tag, attributes in read.found:
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
        assert "javascript:" not in str(attributes)
        assert MARK not in str(attributes), (tag, attributes)
    assert_inert_text(page)


def assert_inert_text(text: str) -> None:
    assert not OBEYED.findall(text)
    assert f"{MARK}a49{MARK}b" not in text


class TestWhatTheHouseShows:
    def test_it_was_kept_and_all_that_is_made_of_it_holds_its_mark(self, walked: World) -> None:
        """Otherwise the tests below prove nothing."""
        with walked.store.reading() as session:
            (alert,) = session.exec(select(Alert)).all()
            assert MARK in alert.title
            assert MARK in str(alert.reading)
            assert {"link", "observables", "client_hints"} <= alert.reading.keys()
            assert any(MARK in one.title for one in session.exec(select(Evidence)))
            assert any(MARK in one.value for one in session.exec(select(Observable)))
            assert any(MARK in str(one.payload) for one in session.exec(select(TimelineEntry)))

    def test_the_page_shows_it_as_text(self, page: str) -> None:
        assert_inert_html(page)
        texts = "".join(Elements(page).texts)
        assert f"{MARK}a{{{{ 7*7 }}}}{MARK}b" in texts
        assert "<script>alert(1)</script>" in texts
        assert "https://siem.example.org/zq9?<script>" in texts

    def test_the_report_shows_it_as_text(self, terminal: Terminal, walked: World, tmp_path: Path) -> None:
        markdown, html = reports(terminal, walked, tmp_path)
        assert MARK in markdown
        assert_inert_text(markdown)
        assert_inert_html(MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown))
        assert_inert_html(html)
        assert MARK in "".join(Elements(html).texts)

    def test_every_picture_of_the_report_is_one_well_formed_drawing(
        self, terminal: Terminal, walked: World, tmp_path: Path
    ) -> None:
        _, html = reports(terminal, walked, tmp_path)
        pictures = re.findall(r"<svg\b.*?</svg>", html, re.DOTALL)
        assert pictures
        for picture in pictures:
            drawn = ET.fromstring(picture)
            tags = {element.tag.rpartition("}")[2] for element in drawn.iter()}
            assert not tags & {"script", "foreignObject", "image", "a"}


class TestTheTerminal:
    @pytest.mark.parametrize(
        "command",
        [
            ("incident", "show", "REF"),
            ("incident", "list", "--all"),
            ("evidence", "list", "REF"),
            ("evidence", "show", "REF", "E1"),
            ("evidence", "manifest", "REF"),
            ("observable", "list", "REF"),
            ("hypothesis", "list", "REF"),
            ("access", "show", "REF"),
            ("timeline", "verify"),
            ("clocks", "--all"),
            ("action", "list"),
            ("source", "list"),
            ("alert", "quarantine", "list"),
            ("register", "--json"),
        ],
        ids=" ".join,
    )
    def test_no_command_lets_it_be_obeyed(
        self, terminal: Terminal, walked: World, command: tuple[str, ...]
    ) -> None:
        shown = terminal.run(*(walked.ref if word == "REF" else word for word in command))
        assert shown.output
        assert_inert_text(shown.output)

    def test_incident_and_evidence_are_shown_with_it(self, terminal: Terminal, walked: World) -> None:
        assert MARK in terminal.ok("incident", "show", walked.ref)
        assert MARK in terminal.ok("evidence", "show", walked.ref, "E1")
        assert MARK in terminal.ok("observable", "list", walked.ref)


class TestExports:
    def test_no_cell_of_the_register_is_a_formula(self, terminal: Terminal) -> None:
        text = terminal.ok("register", "--csv")
        cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
        assert cells
        assert not [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@", "|", "%"))]
        assert_inert_text(text.replace("\r\n", "\n"))

    def test_the_register_has_no_element_of_it(self, terminal: Terminal) -> None:
        assert_inert_html(terminal.ok("register", "--html"))


class TestOutsideTheHouse:
    def test_slack_is_told_kind_severity_and_reference_and_not_a_word_of_it(self, walked: World) -> None:
        walked.all_said()
        told = "\n".join(f"{post.shown} {post.metadata}" for post in walked.slack.messages())
        assert walked.ref in told
        assert "Severity high" in told or "Severity medium" in told
        assert MARK not in f"{told}{walked.slack.calls}"
        assert "<!" not in told

    def test_prefect_holds_the_reference_and_not_a_word_of_it(self, walked: World) -> None:
        """Runs, forms, artifacts, tags, logs and events: whatever its database and its folders keep."""
        with walked.store.reading() as session:
            runs = [one.run_id for one in session.exec(select(Question)) if one.run_id]
        found = walked.prefect.api.read_runs(runs).values()
        assert found
        assert all(walked.ref in run.name for run in found)
        files = [file for file in walked.prefect.data.rglob("*") if file.is_file()]
        assert any(walked.ref.encode() in file.read_bytes() for file in files)
        assert not [file.name for file in files if MARK.encode() in file.read_bytes()]

    def test_no_log_and_no_stored_result_holds_it(self, walked: World) -> None:
        kept = [
            file
            for file in walked.folder.rglob("*")
            if file.is_file() and not file.name.startswith("store.db")
        ]
        assert not [file.name for file in kept if MARK.encode() in file.read_bytes()]
