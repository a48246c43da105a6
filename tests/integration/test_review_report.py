"""The report on a walked exercise: what was late, how long it took, and nothing of what must stay out."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from sqlalchemy import text
from sqlmodel import col, select
from typer.testing import CliRunner

from flows.cli.main import app
from flows.clock import wall_now
from flows.review.building import build_report
from flows.review.gather import gather
from flows.review.writing import write_report
from notify.report_view import ReportView
from playbooks.errors import NotFound, SetupFault
from store.database import Store
from store.scope import Scope
from store.tables import Client, Question
from tests.harness.databases import SECRET, SqliteFiles, fixed_keyring
from tests.harness.walks import OURS, START, THEIRS, Walk, begin_walk, stamp

VISIBLE = "<script>alert(1)</script></svg><img src=x onerror=alert(1)> {{ 7*7 }} | [x](http://evil.example)"
HOSTILE = f"{VISIBLE} \x1b[31m\u202e"
REASON = "The contract's desk was closed <b>over the weekend</b>"


def answered(walk: Walk) -> Walk:
    """The exercise walked to its end, telling the client six hours late."""
    walk.words = {
        "confirm-alert": {"detected_at": stamp(START - timedelta(hours=1)), "source_kind": "external"},
        "triage": {"aware_at": stamp(START), "our_role": "processor", "people_affected": "4711"},
        "close-route": {
            "contained_at": stamp(START + timedelta(minutes=20)),
            "measures": f"Closed for {THEIRS}.",
        },
        "establish-scope": {"first_access_at": stamp(START - timedelta(hours=10)), "people_affected": "4711"},
        "assess-risk": {"risk": "likely"},
        "find-cause": {"root_cause": "An export of Sample Bank without a limit."},
        "tell-client": {"late_reasons": REASON, "nature": "An export of a list"},
        "lessons": {"summary": VISIBLE, "action_due": stamp(START + timedelta(days=60))},
    }
    walk.waits["tell-client"] = timedelta(hours=29)
    walk.settle(walk.question("confirm-alert"), code="000000")
    walk.to_the_end()
    return walk


@pytest.fixture(scope="module")
def closed(sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """A closed exercise that every test reads and none changes."""
    folder = tmp_path_factory.mktemp("closed")
    store = Store.open(sqlite_files.new(folder), fixed_keyring())
    yield answered(begin_walk(store, folder, title=HOSTILE, alert=HOSTILE))
    store.close()


@pytest.fixture
def own(sqlite_store: Store, tmp_path: Path) -> Walk:
    """A closed exercise of the test's own."""
    return answered(begin_walk(sqlite_store, tmp_path, title=HOSTILE, alert=HOSTILE))


def view(walk: Walk, *clients: str) -> ReportView:
    scope = Scope.limited(clients) if clients else Scope.whole()
    with walk.house.store.reading() as session:
        return build_report(gather(session, walk.ref, scope, wall_now(), "Example Services"))


def written(walk: Walk, folder: Path, *clients: str) -> tuple[str, str]:
    scope = Scope.limited(clients) if clients else Scope.whole()
    markdown, html = write_report(walk.house, walk.ref, folder, scope)
    return markdown.read_text(), html.read_text()


def read(markdown: str) -> list[Token]:
    """What a reader of Markdown makes of a text, the parts of its lines among the rest."""
    found = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown)
    return [part for token in found for part in (token, *(token.children or ()))]


class Tags(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def test_a_duty_met_late_shows_with_the_delay_and_its_reason(closed: Walk, tmp_path: Path) -> None:
    report = view(closed)
    late = next(line for line in report.late if line.kind == "duty" and "contract" in line.what)
    assert (late.client, late.why, late.due_at) == (OURS, (REASON,), START + timedelta(hours=24))
    assert late.done_at is not None
    assert late.over == late.done_at - late.due_at > timedelta(hours=5)
    duty = next(duty for duty in report.duties if "contract" in duty.title)
    assert (duty.standing, duty.is_late, duty.reasons) == ("met late", True, (REASON,))
    assert [line.seq for line in duty.ledger] == list(range(1, len(duty.ledger) + 1))
    markdown, html = written(closed, tmp_path)
    assert "met late" in markdown
    assert "2 of 3" not in html
    assert "Reasons for the delay" in html


def test_late_questions_warnings_and_refused_answers_are_told(closed: Walk) -> None:
    report = view(closed)
    question = next(
        line for line in report.late if line.kind == "question" and line.what == "Notify the client"
    )
    assert question.why == ("no reason was recorded", "escalated 3 times")
    sent = [line.threshold for line in report.warnings if "contract" in line.what]
    assert sent == ["50", "75", "90", "1h", "overdue"]
    assert [(line.by, line.verdict) for line in report.refused] == [("commander-1", "wrong code")]
    assert (report.tally.met, report.tally.met_late, report.tally.refused) == (3, 2, 1)


def test_durations_run_between_their_two_anchors(closed: Walk) -> None:
    spans = {(one.name, one.client): one.span for one in view(closed).durations}
    assert spans["Detect", ""] == timedelta(hours=9)
    assert spans["Become aware", ""] == timedelta(hours=1)
    assert spans["Contain", ""] == timedelta(hours=1, minutes=20)
    told = next(duty.met_at for duty in view(closed).duties if duty.client == OURS)
    assert told is not None
    assert spans["Notify the client whose data it is", OURS] == told - START


def test_what_is_not_known_is_said_and_not_guessed(store: Store, tmp_path: Path) -> None:
    walk = begin_walk(store, tmp_path, title=HOSTILE, alert=HOSTILE)
    durations = {one.name: one for one in view(walk).durations}
    assert durations["Detect"].span is None
    assert durations["Detect"].note == "activity began: not stated"
    assert durations["Close"].note == "incident closed: timeline"
    assert written(walk, tmp_path)[0].count("not known") > 4


def test_hostile_words_are_inert_in_markdown_html_and_svg(closed: Walk, tmp_path: Path) -> None:
    markdown, html = written(closed, tmp_path)
    tags = Tags(html)
    assert not tags.names & {"script", "img", "iframe", "link", "object", "a", "base", "form"}
    assert not [
        name for name, _ in tags.attributes if name.startswith("on") or name in ("src", "href", "style")
    ]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "{{ 7*7 }}" in html
    assert not {"\x1b", "\u202e"} & set(markdown + html)
    marks = {token.type for token in read(markdown)}
    assert not marks & {"link_open", "image", "html_inline", "html_block", "em_open", "s_open", "code_block"}
    assert "table_open" in marks


def test_every_row_of_a_table_in_markdown_has_the_cells_of_its_head(closed: Walk, tmp_path: Path) -> None:
    cells: list[int] = []
    for token in read(written(closed, tmp_path)[0]):
        if token.type in ("th_open", "td_open"):
            cells[-1] += 1
        elif token.type == "tr_open":
            cells.append(0)
        elif token.type == "table_close":
            assert len(set(cells)) == 1
            cells = []


def test_the_report_fetches_nothing_and_forbids_it(closed: Walk, tmp_path: Path) -> None:
    _, html = written(closed, tmp_path)
    assert "default-src 'none'" in html
    addresses = set(re.findall(r"https?://[^\"'\s<]+", html)) - {"http://evil.example)"}
    assert addresses == {"http://www.w3.org/2000/svg"}
    assert "url(" not in html


@pytest.mark.parametrize(
    ("mine", "other", "name"), [(OURS, THEIRS, "Sample"), (THEIRS, OURS, "Example Retail")]
)
def test_a_report_for_one_client_holds_nothing_of_another(
    closed: Walk, tmp_path: Path, mine: str, other: str, name: str
) -> None:
    whole = "".join(written(closed, tmp_path))
    limited = "".join(written(closed, tmp_path, mine))
    assert mine in limited
    assert other in whole
    assert other not in limited
    assert name not in limited
    for secret in ("4711", "script", "siem", "limit.", "Closed for"):
        assert secret in whole
        assert secret not in limited
    assert {duty.client for duty in view(closed, mine).duties} == {mine}


def test_a_name_of_another_client_in_ones_own_words_is_withheld(own: Walk) -> None:
    with own.house.store.writing() as session:
        question = session.exec(
            select(Question).where(col(Question.case_ref) == "A", Question.kind == "draft")
        ).one()
        question.title = "Notify the client, as sample-bank and SAMPLE BANK were"
        session.add(question)
    told = [line.what for line in view(own, OURS).late]
    assert "Notify the client, as [withheld] and [withheld] were" in told


def test_who_sees_none_of_its_cases_sees_no_such_incident(own: Walk, tmp_path: Path) -> None:
    with own.house.store.writing() as session:
        session.add(Client(ref="stranger", name="Stranger", imported_at=START))
    for client, ref in (("stranger", own.ref), ("nobody", own.ref), (OURS, "INC-2026-9999")):
        with pytest.raises(NotFound, match="no such incident"):
            write_report(own.house, ref, tmp_path, Scope.limited([client]))


def test_the_proof_names_the_head_of_the_chain_or_says_where_it_broke(own: Walk, tmp_path: Path) -> None:
    report = view(own)
    assert report.proof.is_whole
    assert report.proof.head == report.entries[-1].hash
    with own.house.store.writing() as session:
        names = session.execute(
            text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'timeline'")
        )
        for (name,) in names.all():
            session.execute(text(f"DROP TRIGGER {name}"))
        session.execute(
            text("UPDATE timeline SET payload = 'x' WHERE chain = :ref AND seq = 3"), {"ref": own.ref}
        )
    markdown, html = written(own, tmp_path)
    assert "BROKEN: entry 3" in markdown
    assert "The timeline does not verify" in html


def test_the_files_are_their_owners_alone_and_replaced_whole(closed: Walk, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "reports"
    for _ in range(2):
        paths = write_report(closed.house, closed.ref, folder)
    limited = write_report(closed.house, closed.ref, folder, Scope.limited([OURS]))
    assert [path.name for path in paths] == [f"{closed.ref}-report.md", f"{closed.ref}-report.html"]
    assert sorted(folder.iterdir()) == sorted([*paths, *limited])
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_a_folder_that_cannot_be_written_is_said(closed: Walk, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SetupFault, match="nothing can be written there"):
        write_report(closed.house, closed.ref, tmp_path / "file")


def test_the_command_writes_the_report_and_tells_its_hashes(own: Walk, tmp_path: Path) -> None:
    env = {
        "SEVENTYTWO_DATA": str(tmp_path),
        "SEVENTYTWO_KEY": base64.b64encode(SECRET).decode(),
        "SEVENTYTWO_DATABASE_URL": f"sqlite:///{next(tmp_path.glob('*.db'))}",
    }
    done = CliRunner().invoke(app, ["incident", "report", own.ref, "--client", OURS], env=env)
    assert done.exit_code == 0, done.output
    found = re.findall(r"^(\S+)  SHA-256 [0-9a-f]{64}$", done.stdout, re.MULTILINE)
    assert [Path(path).parent for path in found] == [tmp_path / "reports"] * 2
    refused = CliRunner().invoke(app, ["incident", "report", own.ref, "--client", "nobody"], env=env)
    assert refused.exit_code == 1
    assert "no such incident" in refused.stderr
