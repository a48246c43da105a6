"""Who is on duty is named in questions, reminders, hand-over notes: once each, and never who is kept out."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from flows.briefs.reading import brief_view
from flows.clock import wall_now
from flows.deciding import deciding
from flows.describing import describe
from flows.desk.showing import show
from flows.exercise.stepping import begin_exercise, exercise_now, jump, next_warning_at
from flows.gathering import open_questions
from flows.house import House
from flows.questions import ask, asked_of, close_question
from flows.roster.changing import Seen, hand_over_all
from flows.roster.duty import asked_people, on_duty_here
from flows.roster.handover import handover_text
from flows.roster.leave import go_away
from flows.settling.circling import keep_out
from flows.settling.commands import escalate
from flows.watching import fire_due
from notify.render import render
from playbooks.errors import NotFound
from store.database import Store
from store.tables import Incident, Question, Responder, Snooze, TimelineEntry
from tests.harness.rosters import DAY_AND_NIGHT, PEOPLE, begin, furnish, said, shifts

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Drill:
    """An exercise in a house with a roster, whose time a test steps."""

    def __init__(self, store: Store, folder: Path, roster: str) -> None:
        self.store = store
        self.house: House = furnish(store, folder, START, ("retail", ""), ("bank", ""), roster=roster)
        with store.writing() as session:
            self.exercise_id = begin_exercise(session, "drill", START, wall_now()).id or 0
        self.ref = begin(self.house, START, "retail", exercise_id=self.exercise_id)

    @property
    def now(self) -> datetime:
        return exercise_now(self.house, self.exercise_id)

    def later(self, span: timedelta) -> None:
        """Let time pass; every warning fires at its own instant."""
        until = self.now + span
        while (due := next_warning_at(self.house, self.exercise_id)) is not None and due <= until:
            jump(self.house, self.exercise_id, max(due, self.now))
            fire_due(self.house)
        jump(self.house, self.exercise_id, until)

    def ask(self, role: str = "it", target: timedelta = 2 * HOUR, excluded: tuple[str, ...] = ()) -> str:
        """Ask something of a role; the question's reference."""
        with deciding(self.house, self.ref) as decision:
            title = "Disable the account"
            question = ask(
                decision, kind="approval", role=role, title=title, target=target, excluded=list(excluded)
            )
            return question.ref

    def keep_out(self, handle: str) -> None:
        with deciding(self.house, self.ref) as decision:
            keep_out(decision, handle, "eve", "because")

    def reminders(self, ref: str) -> list[dict[str, object]]:
        return [one.fields for one in said(self.store, "question_reminder") if ref in one.key]

    def hand_over(self) -> int:
        return hand_over_all(self.house, wall_now())

    def note(self, reader: str = "") -> str:
        with self.store.reading() as session:
            incident = session.exec(select(Incident).where(Incident.ref == self.ref)).one()
            who = session.exec(select(Responder).where(Responder.handle == reader)).first()
            return handover_text(session, incident, self.now, who)


@pytest.fixture
def drill(store: Store, tmp_path: Path) -> Drill:
    return Drill(store, tmp_path, shifts(*DAY_AND_NIGHT))


def names(people: object) -> list[str]:
    assert isinstance(people, list)
    return [one["handle"] for one in people]


class TestQuestions:
    def test_the_opening_names_who_is_on_duty(self, drill: Drill) -> None:
        (opened,) = said(drill.store, "incident_opened")
        lead = next(one for one in opened.fields["questions"] if one["role"] == "commander")
        assert names(lead["on_duty"]) == ["ana"]
        assert lead["on_duty"][0]["slack_id"] == "", "an exercise mentions nobody"

    def test_a_real_incident_mentions_by_the_stored_id(self, store: Store, tmp_path: Path) -> None:
        house = furnish(store, tmp_path, START, ("retail", ""), roster=shifts(*DAY_AND_NIGHT))
        begin(house, START, "retail")
        (opened,) = said(store, "incident_opened")
        lead = next(one for one in opened.fields["questions"] if one["role"] == "commander")
        assert lead["on_duty"] == [{"handle": "ana", "slack_id": "U0ANA0001"}]

    def test_an_escalation_names_who_is_on_duty_for_the_next_role(self, drill: Drill) -> None:
        ref = drill.ask()
        with deciding(drill.house, drill.ref) as decision:
            question = decision.session.exec(select(Question).where(Question.ref == ref)).one()
            assert escalate(decision, question, "eve", "why")
        assert names(said(drill.store, "escalated")[-1].fields["on_duty"]) == ["ana"]

    def test_whoever_is_kept_out_or_excluded_or_blind_is_not_named(self, drill: Drill) -> None:
        ref = drill.ask(excluded=("cy",))
        with drill.store.reading() as session:
            incident = session.exec(select(Incident)).one()
            question = session.exec(select(Question).where(Question.ref == ref)).one()
            assert asked_people(session, incident, question, START) == ("di",)
            assert on_duty_here(session, incident, "it", START) == ("cy",)
        drill.keep_out("cy")
        with drill.store.writing() as session:
            incident = session.exec(select(Incident)).one()
            assert on_duty_here(session, incident, "it", START) == ("di",)
            di = session.exec(select(Responder).where(Responder.handle == "di")).one()
            di.clients = ["bank"]
            session.add(di)
        with drill.store.reading() as session:
            assert on_duty_here(session, incident, "it", START) == (), "di does not see this client"

    def test_the_form_of_the_commander_and_the_page_say_who_is_on_duty(self, drill: Drill) -> None:
        drill.keep_out("cy")
        with drill.store.reading() as session:
            incident = session.exec(select(Incident)).one()
            reader = session.exec(select(Responder).where(Responder.handle == "eve")).one()
            lead = next(one for one in open_questions(session, incident.id or 0) if one.kind == "command")
            form = describe(drill.house, session, incident, lead)
            page = show(drill.house, session, incident, reader, wall_now())
        assert "On duty now:" in form
        assert "- commander: ana\n- it: di\n" in form
        assert page.on_duty == (("commander", ("ana",)), ("it", ("di",)))


class TestReminders:
    def test_a_question_reminds_at_half_and_at_its_end_once_each(self, drill: Drill) -> None:
        ref = drill.ask()
        drill.later(HOUR - timedelta(minutes=1))
        assert not drill.reminders(ref)
        drill.later(timedelta(minutes=2))
        (half,) = drill.reminders(ref)
        assert (half["left"], names(half["on_duty"])) == (3600.0, ["cy"])
        drill.later(2 * HOUR)
        assert fire_due(drill.house) == 0
        _, end = drill.reminders(ref)
        assert (end["over"], names(end["on_duty"])) == (0.0, ["cy"])

    def test_a_watch_that_slept_tells_the_end_alone(self, drill: Drill) -> None:
        ref = drill.ask()
        jump(drill.house, drill.exercise_id, START + 3 * HOUR)
        fire_due(drill.house)
        (only,) = drill.reminders(ref)
        assert only["over"] == 3600.0
        assert "left" not in only

    def test_what_is_answered_reminds_nobody(self, drill: Drill) -> None:
        ref = drill.ask()
        with deciding(drill.house, drill.ref) as decision:
            question = decision.session.exec(select(Question).where(Question.ref == ref)).one()
            close_question(decision, question, "answered")
        drill.later(4 * HOUR)
        assert not drill.reminders(ref)

    def test_what_is_put_off_reminds_when_the_rest_is_over(self, drill: Drill) -> None:
        ref = drill.ask(target=4 * HOUR)
        with drill.store.writing() as session:
            question = session.exec(select(Question).where(Question.ref == ref)).one()
            session.add(Snooze(question_id=question.id or 0, handle="cy", until=START + 3 * HOUR))
        drill.later(2.5 * HOUR)
        assert not drill.reminders(ref)
        drill.later(HOUR)
        (reminded,) = drill.reminders(ref)
        assert reminded["left"] == 3600.0

    def test_nobody_on_duty_is_said_with_the_next_on_the_ladder(self, drill: Drill) -> None:
        ref = drill.ask("privacy")
        drill.later(1.5 * HOUR)
        (reminded,) = drill.reminders(ref)
        assert reminded["on_duty"] == []
        assert reminded["next_role"] == "commander"
        assert names(reminded["next_people"]) == ["ana"]

    def test_a_house_without_a_roster_is_not_reminded(self, store: Store, tmp_path: Path) -> None:
        drill = Drill(store, tmp_path, "")
        ref = drill.ask()
        drill.later(4 * HOUR)
        assert not drill.reminders(ref)


class TestHandingOver:
    def test_a_change_of_shift_is_one_note_in_timeline_and_channel(self, drill: Drill) -> None:
        ref = drill.ask("it", 12 * HOUR)
        drill.later(7 * HOUR)
        assert drill.hand_over() == 0
        drill.later(HOUR)
        assert [drill.hand_over() for _ in range(3)] == [1, 0, 0]
        (message,) = said(drill.store, "handover")
        (change,) = message.fields["changes"]
        assert (change["role"], names(change["before"]), names(change["after"])) == (
            "commander",
            ["ana"],
            ["bo"],
        )
        assert message.key == f"{drill.ref}/handover/2026-03-02T20:00:00+00:00"
        text = "\n".join(message.fields["lines"])
        assert "Disable the account: it (cy); 4 h left" in text
        assert "Decisions pending: 1" in text
        assert "severity medium" in text
        assert "Next 3 deadlines" in text
        with drill.store.reading() as session:
            (entry,) = session.exec(select(TimelineEntry).where(TimelineEntry.kind == "handover")).all()
        assert (entry.payload or {})["text"] == text
        assert ref not in text

    def test_a_watch_that_slept_tells_the_latest_change_alone(self, drill: Drill) -> None:
        drill.later(68 * HOUR + timedelta(minutes=30))
        assert [drill.hand_over() for _ in range(2)] == [1, 0]
        (message,) = said(drill.store, "handover")
        assert message.key.endswith("handover/2026-03-05T08:00:00+00:00")
        drill.later(12 * HOUR)
        assert drill.hand_over() == 1

    def test_an_absence_changes_hands_too(self, drill: Drill) -> None:
        from flows.roster.leave import go_away  # noqa: PLC0415

        with drill.store.writing() as session:
            go_away(session, "ana", START + HOUR, START + 3 * HOUR, "bo", "eve", START)
        drill.later(2 * HOUR)
        assert drill.hand_over() == 1
        drill.later(2 * HOUR)
        assert drill.hand_over() == 1
        assert [names(one.fields["changes"][0]["after"]) for one in said(drill.store, "handover")] == [
            ["bo"],
            ["ana"],
        ]

    def test_whoever_is_kept_out_is_named_nowhere(self, drill: Drill) -> None:
        drill.ask("it", 24 * HOUR)
        for handle in ("bo", "cy"):
            drill.keep_out(handle)
        drill.later(9 * HOUR)
        assert drill.hand_over() == 0, "ana stands in for bo here: nothing changes hands"
        note = drill.note()
        assert "it (di)" in note
        assert not {"bo", "cy"} & set(note.replace("(", " ").replace(")", " ").split())
        with pytest.raises(NotFound):
            drill.note("bo")

    def test_a_limited_reader_sees_their_clients_alone(self, drill: Drill) -> None:
        with drill.store.writing() as session:
            for handle, client in (("di", "retail"), ("eve", "bank")):
                row = session.exec(select(Responder).where(Responder.handle == handle)).one()
                row.clients = [client]
                session.add(row)
        assert "Clocks" in drill.note("di")
        with pytest.raises(NotFound):
            drill.note("eve")

    def test_a_closed_incident_is_handed_to_nobody(self, drill: Drill) -> None:
        with drill.store.writing() as session:
            incident = session.exec(select(Incident)).one()
            incident.state = "closed"
            session.add(incident)
        drill.later(20 * HOUR)
        assert drill.hand_over() == 0


class TestWatch:
    """A watch that keeps in mind what did not change looks again at whatever may have."""

    def test_it_misses_neither_a_shift_nor_an_absence(self, drill: Drill) -> None:
        seen: Seen = {}

        def look() -> int:
            return hand_over_all(drill.house, wall_now(), seen)

        drill.ask("it", 30 * HOUR)
        assert (look(), look(), len(seen)) == (0, 0, 1)
        drill.later(8 * HOUR)
        assert (look(), look()) == (1, 0)
        with drill.store.writing() as session:
            go_away(session, "cy", drill.now + HOUR, drill.now + 2 * HOUR, "di", "ana", drill.now)
        drill.later(HOUR)
        assert (look(), look()) == (1, 0)
        drill.later(HOUR)
        assert (look(), look()) == (1, 0)


class TestCircle:
    """An incident that somebody is kept out of names nobody in its channel: the stand-in would tell whom."""

    def test_no_message_names_who_stands_in(self, drill: Drill) -> None:
        drill.keep_out("cy")
        ref = drill.ask("it", 12 * HOUR)
        with deciding(drill.house, drill.ref) as decision:
            question = decision.session.exec(select(Question).where(Question.ref == ref)).one()
            assert "on_duty" not in asked_of(decision, question)
        drill.later(8 * HOUR)
        assert drill.hand_over() == 1
        drill.later(5 * HOUR)
        kinds = ("question_opened", "question_reminder", "escalated", "handover")
        told = [one for kind in kinds for one in said(drill.store, kind)]
        assert {one.kind for one in told} >= {"question_reminder", "escalated", "handover"}
        for message in told:
            shown = render(message.kind, message.fields | {"ref": drill.ref, "exercise": True}).plain
            assert not set(PEOPLE) & set(re.findall(r"\w+", shown)), shown
            assert "Nobody is on duty" not in shown

    def test_its_brief_names_roles_alone(self, drill: Drill) -> None:
        ref = drill.ask()
        with drill.store.writing() as session:
            session.exec(select(Question).where(Question.ref == ref)).one().assignee = "di"
        drill.keep_out("cy")
        with drill.store.reading() as session:
            incident = session.exec(select(Incident)).one()
            view = brief_view(drill.house, session, incident, incident.channel, wall_now())
        assert "it" in {one.who for one in view.questions}
        assert not {one.who for one in view.questions} & set(PEOPLE)
