"""What happens next in a played exercise, by how things stand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from playbooks.exercises.moves import (
    Answering,
    Awaited,
    Due,
    Ending,
    Standing,
    Stepping,
    Table,
    next_move,
)

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def at(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def table(*awaited: Awaited, due: tuple[Due, ...] = (), **more: Any) -> Table:
    return Table(now=NOON, awaited=awaited, due=due, **more)


def test_the_earliest_answer_is_given_at_its_own_time() -> None:
    assert next_move(table(Awaited("a", at(20)), Awaited("b", at(10)))) == Answering("b", at(10))


def test_an_answer_that_is_overdue_is_given_now() -> None:
    assert next_move(table(Awaited("a", at(-5)))) == Answering("a", NOON)


def test_the_clock_stops_where_a_warning_falls_due_at_the_instant_of_an_answer() -> None:
    due = (Due(at(10), "a warning falls due"),)
    assert next_move(table(Awaited("a", at(10)), due=due)) == Stepping(at(10), "a warning falls due")


def test_a_running_clock_is_never_stepped() -> None:
    assert next_move(table(Awaited("a", at(10)), may_step=False)) == Standing()
    assert next_move(table(due=(Due(at(5), "an inject"),), may_step=False)) == Standing()


def test_while_the_clock_runs_an_answer_is_given_once_its_time_has_come() -> None:
    assert next_move(table(Awaited("a", at(0)), may_step=False)) == Answering("a", NOON)


def test_an_incident_is_closed_when_nothing_else_is_open_and_the_story_is_told() -> None:
    last = Awaited("lead", at(-60), is_last=True)
    assert next_move(table(last)) == Answering("lead", NOON)
    assert next_move(table(last, Awaited("a", at(10)))) == Answering("a", at(10))
    assert next_move(table(last, open_beside=1, ends_at=at(90))) == Stepping(at(90), "the exercise ends")
    story = (Due(at(30), "somebody rings", is_story=True),)
    assert next_move(table(last, due=story)) == Stepping(at(30), "somebody rings")


def test_a_far_warning_does_not_hold_back_the_end() -> None:
    last = Awaited("lead", at(-60), is_last=True)
    assert next_move(table(last, due=(Due(at(9999), "a warning falls due"),))) == Answering("lead", NOON)


def test_an_exercise_ends_when_its_time_is_over() -> None:
    assert next_move(table(Awaited("a", at(5)), ends_at=NOON)) == Ending()


def test_nothing_to_wait_for_is_nothing_to_do() -> None:
    assert next_move(table()) == Standing()


def test_where_people_play_the_clock_is_stepped_only_towards_a_scripted_answer() -> None:
    due = (Due(at(5), "somebody rings"),)
    assert next_move(table(due=due, has_people=True)) == Standing()
    assert next_move(table(Awaited("a", at(9)), due=due, has_people=True)) == Stepping(
        at(5), "somebody rings"
    )


minutes = st.integers(min_value=-600, max_value=600)
answers = st.lists(st.builds(lambda m, last: Awaited(f"q{m}", at(m), is_last=last), minutes, st.booleans()))
dues = st.lists(st.builds(lambda m, story: Due(at(m), "due", is_story=story), minutes, st.booleans()))


@given(answers, dues, st.booleans(), st.none() | minutes.map(at))
def test_nothing_that_falls_due_is_ever_stepped_over(
    awaited: list[Awaited], due: list[Due], may_step: bool, ends_at: datetime | None
) -> None:
    found = next_move(Table(NOON, awaited, due, ends_at=ends_at, may_step=may_step))
    match found:
        case Answering(_, to):
            assert all(one.at > to for one in due)
            assert all(one.ready_at >= to or one.ready_at <= NOON for one in awaited if not one.is_last)
        case Stepping(to, _):
            assert may_step
            assert all(one.at >= to or one.at <= NOON for one in due)
        case Standing():
            assert not may_step or not due
        case Ending():
            assert ends_at is not None
            assert ends_at <= NOON
