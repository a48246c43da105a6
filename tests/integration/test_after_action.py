"""The after-action report of a walk: its files, its plan among the action items, hot wash, the last test."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from pypdf import PdfReader
from sqlmodel import Session, select

from flows.action_items import action_items, close_action_item
from flows.clock import wall_now
from flows.coverage_input import read_coverage
from flows.desk.vitals import stored_metrics
from flows.exercise.after_action import read_after_action, score_of, write_after_action
from flows.exercise.hot_wash import answer_hot_wash
from flows.exercise.tested import last_tests
from flows.vouching import Vouched, Voucher, check_vouchers
from flows.watching import fire_due
from playbooks.coverage_parts import LastTest
from playbooks.errors import Mend, NotFound, Refused
from store.database import Store
from store.tables import ActionItem, ClockWarning, Exercise, Message, Responder, TimelineEntry
from tests.harness.databases import SqliteFiles, fixed_keyring
from tests.harness.exercise_walks import NAME, begin_exercise_walk, end
from tests.harness.walks import START, Walk

NOTE = "MAGENTA-NOTE"
AGREED = "some words"
"""What the walk's review agreed to mend."""


@pytest.fixture(scope="module")
def played(sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """A walk to the end whose inject nobody handled and whose second decision came late."""
    folder = tmp_path_factory.mktemp("played")
    store = Store.open(sqlite_files.new(folder), fixed_keyring())
    walk = begin_exercise_walk(store, folder)
    walk.waits["triage"] = timedelta(hours=3)
    walk.to_the_end()
    end(walk)
    yield walk
    store.close()


@pytest.fixture
def walk(sqlite_store: Store, tmp_path: Path) -> Walk:
    """A walk that has only begun."""
    return begin_exercise_walk(sqlite_store, tmp_path)


def vouched(walk: Walk, handle: str) -> Vouched:
    at = wall_now() + timedelta(minutes=5)  # the codes of the walk are spent
    code = pyotp.HOTP(walk.secrets[handle]).at(int(at.timestamp()))
    return check_vouchers(walk.house.store, [Voucher(handle, code)], at)[0]


def mend(session: Session) -> list[ActionItem]:
    return action_items(session)


def test_three_files_are_written_and_only_their_owner_may_read_them(played: Walk, tmp_path: Path) -> None:
    html, markdown, pdf = write_after_action(played.house, NAME.lower(), tmp_path / "out")
    assert [path.name for path in (html, markdown, pdf)] == [
        f"{NAME}-after-action.{kind}" for kind in ("html", "md", "pdf")
    ]
    assert {path.stat().st_mode & 0o777 for path in (html, markdown, pdf)} == {0o600}
    said = markdown.read_text("utf-8")
    assert "A job copies what it should not" in said
    assert "Nobody handled" not in said
    assert "nobody said what was done about it" in said
    assert "timeline verified" in said
    assert len(PdfReader(pdf).pages) > 3
    for path in (html, markdown):
        assert NOTE not in path.read_text("utf-8")
    assert NOTE not in " ".join(page.extract_text() for page in PdfReader(pdf).pages)


def test_what_is_to_be_mended_stands_once_in_the_list_of_action_items(played: Walk) -> None:
    first = read_after_action(played.house, NAME)
    again = read_after_action(played.house, NAME)
    assert [line.ref for line in first.plan] == [line.ref for line in again.plan]
    assert len(first.score.improvements) >= 2
    with played.house.store.reading() as session:
        items = {item.ref: item for item in mend(session)}
    filed = [items[line.ref] for line in first.plan]
    assert len({item.ref for item in filed}) == len(filed)
    for item in filed:
        assert item.owner in played.cast
    for item in (one for one in filed if one.title != AGREED):
        assert item.due_at > wall_now()
    triage = next(line for line in first.plan if line.area.startswith("Right decisions that took long"))
    assert "commander" in played.cast[triage.owner]


def test_what_was_agreed_while_it_was_played_is_due_in_wall_time_and_moved_once(played: Walk) -> None:
    read_after_action(played.house, NAME)
    with played.house.store.reading() as session:
        agreed = [item for item in mend(session) if item.title == AGREED]
        before = [item.due_at for item in agreed]
        filed = session.exec(select(TimelineEntry).where(TimelineEntry.kind == "plan_filed")).all()
    assert len(agreed) == len(filed) == 1
    assert before[0] - START > timedelta(days=100)
    read_after_action(played.house, NAME)
    with played.house.store.reading() as session:
        assert [item.due_at for item in mend(session) if item.title == AGREED] == before


def test_the_owner_is_reminded_when_the_day_has_come_though_the_exercise_is_over(played: Walk) -> None:
    line = read_after_action(played.house, NAME).plan[0]
    with played.house.store.writing() as session:
        item = session.exec(select(ActionItem).where(ActionItem.ref == line.ref)).one()
        for warning in session.exec(select(ClockWarning).where(ClockWarning.subject == f"action:{item.id}")):
            warning.due_at = wall_now() - timedelta(minutes=1)
            session.add(warning)
    assert fire_due(played.house) >= 1
    assert fire_due(played.house) == 0
    with played.house.store.reading() as session:
        said = session.exec(select(Message).where(Message.kind == "action_overdue")).all()
    assert [one.fields["exercise"] for one in said if one.fields["title"] == line.ref] == [True]


def test_nothing_of_it_but_its_mends_is_warned_about_any_more(walk: Walk) -> None:
    end(walk)
    with walk.house.store.writing() as session:
        waiting = session.exec(select(ClockWarning).where(ClockWarning.state == "waiting")).all()
        assert waiting
        for warning in waiting:
            warning.due_at = START - timedelta(days=1)
            session.add(warning)
    assert fire_due(walk.house) == 0
    read_after_action(walk.house, NAME)
    with walk.house.store.writing() as session:
        (one, *_) = session.exec(select(ClockWarning).where(ClockWarning.threshold == "overdue")).all()[::-1]
        assert one.subject.startswith("action:")
        one.due_at = wall_now() - timedelta(minutes=1)
        session.add(one)
    assert fire_due(walk.house) == 1
    with walk.house.store.reading() as session:
        fired = session.exec(select(ClockWarning.subject).where(ClockWarning.state == "fired")).all()
    assert fired == [one.subject]


def test_no_score_is_told_while_it_is_played(walk: Walk, tmp_path: Path) -> None:
    for ask in (score_of, read_after_action):
        with pytest.raises(Refused, match="still runs"):
            ask(walk.house, NAME)
    with pytest.raises(Refused, match="still runs"):
        write_after_action(walk.house, NAME, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    with pytest.raises(Refused, match="still runs"):
        answer_hot_wash(walk.house, NAME, "kept", "All.", vouched(walk, "it-1"), "x")


def test_the_hot_wash_is_answered_with_a_code_that_counts_once(played: Walk) -> None:
    proof = vouched(played, "it-1")
    answer_hot_wash(played.house, NAME, "kept", " The call list. ", proof, "first")
    with pytest.raises(Refused, match="spent"):
        answer_hot_wash(played.house, NAME, "kept", "Twice.", proof, "second")
    report = read_after_action(played.house, NAME)
    assert report.hot_wash == (("What would you keep?", (("it-1", "The call list."),)),)


@pytest.mark.parametrize(
    ("question", "said", "fault"),
    [
        ("kept", "  ", Mend),
        ("kept", "x" * 2_001, Mend),
        ("never-asked", "All.", NotFound),
        ("kept", "The card was 4111 1111 1111 1111.", Refused),
    ],
)
def test_an_answer_that_cannot_be_kept_is_refused(
    played: Walk, question: str, said: str, fault: type[Exception]
) -> None:
    with pytest.raises(fault):
        answer_hot_wash(played.house, NAME, question, said, Vouched("it-1", 1, 1), "x")


def test_an_exercise_that_people_played_to_its_end_tests_its_playbook(played: Walk) -> None:
    with played.house.store.reading() as session:
        tested = last_tests(session)
        found = read_coverage(played.house, session, wall_now().date(), kind="data-exfiltration")
        ended_at = session.exec(select(Exercise.ended_at)).one()
    assert ended_at is not None
    assert tested == {"data-exfiltration": LastTest(ended_at.date(), "1.0")}
    assert "never exercised" not in repr(found)


@pytest.mark.parametrize("how", ["nobody answered", "stopped", "scripted", "by another plan"])
def test_what_nobody_played_tests_nothing(walk: Walk, how: str) -> None:
    if how != "nobody answered":
        walk.to("triage")
    with walk.house.store.writing() as session:
        exercise = session.exec(select(Exercise)).one()
        if how == "scripted":
            exercise.scripted = {str(place): handle for place, handle in enumerate(walk.cast)}
        if how == "by another plan":
            incident = walk.incident(session)
            incident.playbook = "unclassified-incident"
            session.add(incident)
        session.add(exercise)
    end(walk, "stopped" if how == "stopped" else "ended")
    with walk.house.store.reading() as session:
        assert last_tests(session) == {}
        found = read_coverage(walk.house, session, wall_now().date(), kind="data-exfiltration")
    assert "never exercised" in repr(found)


def test_metrics_label_an_exercise_so_that_it_counts_as_none_of_the_real(walk: Walk) -> None:
    with walk.house.store.reading() as session:
        lines = list(stored_metrics(session, wall_now()))
    counted = [line for line in lines if line.startswith(("seventytwo_questions", "seventytwo_duties"))]
    assert counted
    assert all('kind="exercise"' in line for line in counted)
    assert not [line for line in lines if 'kind="real"' in line]


def test_whoever_may_not_see_its_clients_says_nothing_in_the_hot_wash(walk: Walk) -> None:
    end(walk)
    with walk.house.store.writing() as session:
        responder = session.exec(select(Responder).where(Responder.handle == "counsel-1")).one()
        responder.clients = ["sample-bank"]
        session.add(responder)
    with pytest.raises(NotFound):
        answer_hot_wash(walk.house, NAME, "kept", "All.", vouched(walk, "counsel-1"), "x")


def test_what_is_closed_after_the_exercise_is_closed_on_the_clock_of_its_date(played: Walk) -> None:
    read_after_action(played.house, NAME)
    with played.house.store.reading() as session:
        item = next(one for one in mend(session) if one.title != AGREED)
    began = wall_now()
    close_action_item(played.house, item.ref, "Tried twice.", vouched(played, "commander-1"), "x")
    with played.house.store.reading() as session:
        closed = session.get_one(ActionItem, item.id).closed_at
    assert closed is not None
    assert began <= closed <= wall_now()
