"""What a simulation learns from the store: past work and the people on record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

from sqlmodel import Session

from flows.simulation.learning import ENOUGH, duration_of, learned_durations, past_work
from flows.simulation.staffing import crew_of_store
from playbooks.roster.models import ROLES, as_stored, read_roster_file
from playbooks.simulation.durations import Empirical, Lognormal
from store.database import Store
from store.tables import Absence, Answer, Exercise, Incident, Question, Responder, Roster, StepRow

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)
NUMBERS = count(1)
OFFICE = """
zone: UTC
shifts:
  - {role: privacy, days: [mon, tue, wed, thu, fri], from: "08:00", until: "18:00", people: [privacy-1]}
"""


def enrol(session: Session, handle: str, *roles: str, period: int = 30, disabled: bool = False) -> None:
    session.add(
        Responder(
            handle=handle,
            name=handle,
            roles=list(roles),
            secret="S",
            code_period=period,
            enrolled_at=NINE,
            disabled_at=NINE if disabled else None,
        )
    )
    session.flush()


def put_in_force(session: Session, text: str) -> None:
    roster = read_roster_file(text, "roster.yaml").roster
    session.add(
        Roster(version=1, document=as_stored(roster), imported_by="a", imported_at=NINE - timedelta(days=30))
    )
    session.flush()


def answered(
    session: Session,
    span: timedelta,
    *,
    playbook: str = "phishing",
    step: str = "assess-risk",
    kind: str = "step",
    by: str = "privacy-1",
    opened_at: datetime = NINE,
    pace: str = "",
    state: str = "answered",
) -> None:
    """A step that was asked and answered in an incident of its own; with a pace, of an exercise."""
    number = next(NUMBERS)
    exercise = None
    if pace:
        exercise = Exercise(name=f"EX-2026-{number}", pace=pace, started_at=NINE)
        session.add(exercise)
        session.flush()
    incident = Incident(
        ref=f"INC-2026-{number}", playbook=playbook, plan="{}", title="A title",
        kind="exercise" if exercise else "real", exercise_id=exercise.id if exercise else None,
        opened_at=opened_at, recorded_at=opened_at,
    )  # fmt: skip
    session.add(incident)
    session.flush()
    row = StepRow(incident_id=incident.id or 0, step_id=step, state="done")
    session.add(row)
    session.flush()
    question = Question(
        ref=f"Q-{number}", incident_id=incident.id or 0, step_row_id=row.id, kind=kind, role="privacy",
        title="A question", subject={}, state=state, opened_at=opened_at, closed_at=opened_at + span,
    )  # fmt: skip
    session.add(question)
    session.flush()
    for attempt, verdict in enumerate(("refused", "accepted"), 1):
        session.add(
            Answer(
                question_id=question.id or 0,
                attempt=attempt,
                handle=by,
                decision="done",
                fields={},
                verdict=verdict,
                submitted_at=opened_at,
                answered_at=opened_at,
                recorded_at=opened_at,
            )
        )
    session.flush()


def test_eight_samples_speak_for_a_step_and_seven_do_not(sqlite_store: Store) -> None:
    with sqlite_store.writing() as session:
        enrol(session, "privacy-1", "privacy")
        for number in range(ENOUGH - 1):
            answered(session, (number + 1) * HOUR)
        assert learned_durations(session, "phishing") == ()
        answered(session, 8 * HOUR)
        (one,) = learned_durations(session, "phishing")
    assert (one.name, one.samples, one.of_this_playbook) == ("assess-risk/do", 8, True)
    assert isinstance(one.duration, Lognormal)
    assert HOUR < one.duration.median < 8 * HOUR


def test_past_work_rosters_and_people_are_read_from_either_database(store: Store) -> None:
    with store.writing() as session:
        enrol(session, "privacy-1", "privacy", "client_lead")
        put_in_force(session, OFFICE)
        for number in range(ENOUGH):
            answered(session, (number + 1) * HOUR)
            answered(session, HOUR, pace="step")
        answered(session, 24 * HOUR, opened_at=NINE + 8 * HOUR, step="other")
    with store.reading() as session:
        (one,) = learned_durations(session, "phishing")
        crew = crew_of_store(session, "Europe/Berlin")
        longest = max(took.span for took in past_work(session))
    assert (one.name, one.samples) == ("assess-risk/do", ENOUGH)
    assert crew.staff.people["client_lead"] == ("privacy-1",)
    assert longest == 10 * HOUR


def test_a_refused_answer_does_not_make_one_sample_two(sqlite_store: Store) -> None:
    with sqlite_store.writing() as session:
        enrol(session, "privacy-1", "privacy")
        answered(session, HOUR)
        assert [took.span for took in past_work(session)] == [HOUR]


def test_other_playbooks_speak_where_this_one_says_too_little(sqlite_store: Store) -> None:
    with sqlite_store.writing() as session:
        enrol(session, "privacy-1", "privacy")
        for _ in range(ENOUGH):
            answered(session, 2 * HOUR, playbook="ransomware")
        answered(session, 9 * HOUR)
        (one,) = learned_durations(session, "phishing")
        assert (one.samples, one.of_this_playbook) == (ENOUGH + 1, False)
        (own,) = learned_durations(session, "ransomware")
        assert (own.samples, own.of_this_playbook) == (ENOUGH, True)


def test_second_words_are_learned_over_all_steps(sqlite_store: Store) -> None:
    with sqlite_store.writing() as session:
        enrol(session, "privacy-1", "privacy")
        for number in range(ENOUGH):
            answered(session, HOUR, kind="approval", step=f"step-{number}")
        assert [one.name for one in learned_durations(session, "phishing")] == ["approve"]


def test_hours_in_which_nobody_was_on_duty_are_no_work(sqlite_store: Store) -> None:
    with sqlite_store.writing() as session:
        enrol(session, "privacy-1", "privacy")
        put_in_force(session, OFFICE)
        answered(session, 24 * HOUR, opened_at=NINE + 8 * HOUR)  # from 17:00 until 17:00 of the next day
        assert [took.span for took in past_work(session)] == [10 * HOUR]


def test_a_proof_is_waited_for_at_any_hour(sqlite_store: Store) -> None:
    with sqlite_store.writing() as session:
        enrol(session, "privacy-1", "privacy")
        put_in_force(session, OFFICE)
        answered(session, 24 * HOUR, opened_at=NINE + 8 * HOUR, kind="proof")
        assert [(took.part, took.span) for took in past_work(session)] == [("deliver", 24 * HOUR)]


def test_only_people_at_real_pace_show_how_long_work_takes(sqlite_store: Store) -> None:
    with sqlite_store.writing() as session:
        enrol(session, "privacy-1", "privacy")
        enrol(session, "ex-2026-0001-privacy", "privacy", period=1)
        answered(session, 1 * HOUR, pace="real")
        answered(session, 2 * HOUR, pace="step")
        answered(session, 3 * HOUR, pace="speed")
        answered(session, 4 * HOUR, pace="real", by="ex-2026-0001-privacy")
        answered(session, 5 * HOUR)
        assert sorted(took.span for took in past_work(session)) == [HOUR, 5 * HOUR]


def test_what_was_withdrawn_took_nobody_any_time(sqlite_store: Store) -> None:
    with sqlite_store.writing() as session:
        enrol(session, "privacy-1", "privacy")
        answered(session, HOUR, state="withdrawn")
        assert list(past_work(session)) == []


def test_many_samples_are_drawn_from_as_they_are() -> None:
    assert isinstance(duration_of([HOUR] * 39), Lognormal)
    assert isinstance(duration_of([HOUR] * 40), Empirical)


def test_samples_too_wide_for_a_lognormal_are_taken_as_measured() -> None:
    wide = [timedelta(seconds=1)] * 7 + [timedelta(days=300)] * 7
    assert isinstance(duration_of(wide), Empirical)


def test_the_people_on_record_are_the_staff_and_the_rest_is_assumed_by_name(sqlite_store: Store) -> None:
    with sqlite_store.writing() as session:
        enrol(session, "ana", "commander", "privacy")
        enrol(session, "privacy-1", "privacy")
        enrol(session, "gone", "it", disabled=True)
        enrol(session, "ex-2026-0001-it", "it", period=1)
        session.add(Absence(handle="ana", begins_at=NINE, until=NINE + HOUR, by="ana", at=NINE))
        put_in_force(session, OFFICE)
        crew = crew_of_store(session, "Europe/Berlin")
    assert crew.staff.people["privacy"] == ("ana", "privacy-1")
    assert crew.staff.people["it"] == ("it-1", "it-2")
    assert set(crew.staff.people) == set(ROLES)
    assert [away.handle for away in crew.staff.absences] == ["ana"]
    assert crew.staff.roster is not None
    assert "commander" not in crew.staff.roster.roles
    assert any("nobody is enrolled as it, forensics" in line for line in crew.assumed)
    assert any("no shift for commander: reachable at any hour" in line for line in crew.assumed)


def test_without_a_roster_everybody_enrolled_is_reachable_and_that_is_said(sqlite_store: Store) -> None:
    with sqlite_store.writing() as session:
        for number, role in enumerate(ROLES):
            enrol(session, f"person-{number}", role)
        crew = crew_of_store(session, "UTC")
    assert crew.staff.roster is None
    assert crew.assumed == ("there is no roster: everybody enrolled is reachable at any hour",)


def test_nobody_enrolled_means_the_usual_team(sqlite_store: Store) -> None:
    with sqlite_store.reading() as session:
        assert crew_of_store(session, "UTC").source == "a usual team"
