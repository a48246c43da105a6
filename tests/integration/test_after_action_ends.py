"""How an exercise ended, and what that makes of its score, its playbook's last test and what was agreed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from flows.action_items import close_action_item
from flows.clock import wall_now
from flows.deciding import deciding
from flows.exercise import ending
from flows.exercise.after_action import read_after_action, score_of
from flows.exercise.ending import resume, stop_exercise
from flows.exercise.hot_wash import answer_hot_wash
from flows.exercise.stepping import jump, locked
from flows.exercise.tested import last_tests
from flows.identity import new_secret
from flows.law.scheduling import REMINDER, schedule_action
from flows.opening import Opening, open_incident
from flows.review.building import build_report
from flows.review.gather import gather
from flows.vouching import Vouched
from flows.watching import fire_due
from playbooks.errors import Refused
from store.database import Store
from store.scope import Scope
from store.tables import ActionItem, ClockWarning, Exclusion, Exercise, Incident, Responder
from tests.harness.conducted import HOURS, after, drilled, end_exercise, running
from tests.harness.exercise_walks import NAME, begin_exercise_walk, end
from tests.harness.walks import OURS, Walk


@pytest.fixture
def walk(sqlite_store: Store, tmp_path: Path) -> Walk:
    """A walk that has only begun."""
    return begin_exercise_walk(sqlite_store, tmp_path)


def stop(walk: Walk) -> None:
    with walk.house.store.writing() as session:
        stop_exercise(session, walk.house, walk.exercise_id, "something would have left", wall_now())


def test_no_score_is_told_while_it_is_stopped_for_it_may_go_on(walk: Walk) -> None:
    stop(walk)
    for ask in (score_of, read_after_action):
        with pytest.raises(Refused, match="still runs"):
            ask(walk.house, NAME)
    with pytest.raises(Refused, match="still runs"):
        answer_hot_wash(walk.house, NAME, "kept", "All.", Vouched("it-1", 1, 1), "x")


def test_what_was_ended_after_an_alarm_was_stopped_and_tests_nothing(walk: Walk) -> None:
    walk.to("triage")
    stop(walk)
    end_exercise(walk.house, NAME, "commander-1", "no more today")
    report = read_after_action(walk.house, NAME)
    assert report.is_stopped
    assert report.record.why == "no more today; it had been stopped: something would have left"
    with walk.house.store.reading() as session:
        assert last_tests(session) == {}


def test_what_was_stopped_and_went_on_tests_its_playbook(walk: Walk) -> None:
    walk.to("triage")
    stop(walk)
    with walk.house.store.writing() as session:
        resume(session, session.get_one(Exercise, walk.exercise_id), "commander-1", wall_now())
    end_exercise(walk.house, NAME, "commander-1", "played out")
    with walk.house.store.reading() as session:
        assert last_tests(session)
    assert not read_after_action(walk.house, NAME).is_stopped


def test_nobody_is_reminded_by_a_date_of_the_exercises_own(walk: Walk) -> None:
    """What was agreed in March, played in November, is due in November and not long overdue."""
    walk.to("triage")
    with deciding(walk.house, walk.ref) as decision:
        due_at = walk.now + timedelta(days=14)
        item = ActionItem(
            ref="A-1", incident_id=decision.incident_id, title="Mend it.", owner="it-1", due_at=due_at,
            evidence="", opened_at=walk.now,
        )  # fmt: skip
        decision.session.add(item)
        decision.session.flush()
        schedule_action(decision, item)
    with walk.house.store.writing() as session:
        ending.end(session, locked(session, walk.exercise_id), "commander-1", "enough", wall_now())
    assert fire_due(walk.house) == 0, "whoever ended it was cut off before its dates were moved"
    ending.sweep(walk.house)
    assert fire_due(walk.house) == 0
    with walk.house.store.reading() as session:
        moved = session.exec(select(ActionItem.due_at).where(ActionItem.ref == "A-1")).one()
    assert timedelta(days=13) < moved - wall_now() < timedelta(days=15)


def test_an_item_is_owned_by_somebody_who_may_close_it(walk: Walk) -> None:
    with walk.house.store.writing() as session:
        session.add(
            Responder(handle="a-stranger", name="", roles=["commander", "counsel", "it"], secret=new_secret(),
                      clients=["nobody-of-it"], enrolled_at=wall_now())
        )  # fmt: skip
        incident = session.exec(select(Incident)).one()
        session.add(
            Exclusion(incident_id=incident.id or 0, handle="commander-1", why="x", by="c", at=wall_now())
        )
    end(walk)
    owners = {line.owner for line in read_after_action(walk.house, NAME).plan}
    assert owners
    assert owners.isdisjoint({"a-stranger", "commander-1"})


@pytest.mark.parametrize(
    ("pace", "speed", "said"),
    [
        ("real", 1, "in real time, its clock moved ahead by 3 h"),
        ("speed", 60, "60 times as fast as real time, its clock moved ahead by 3 h"),
        ("step", 0, "with the stepped clock"),
    ],
)
def test_the_report_says_how_fast_it_was_played_and_how_far_it_was_moved_ahead(
    pace: str, speed: float, said: str, sqlite_store: Store, tmp_path: Path
) -> None:
    house = drilled(sqlite_store, tmp_path)
    exercise = running(house)
    with sqlite_store.writing() as session:
        row = session.get_one(Exercise, exercise.id)
        row.pace, row.speed = pace, speed
        session.add(row)
    after(house, exercise, 3 * HOURS)
    end_exercise(house, exercise.name, "commander-1", "enough")
    assert read_after_action(house, exercise.name).pace == said


class TestMending:
    """What an exercise taught is mended by people, in wall time, whenever it was played."""

    def items(self, walk: Walk) -> list[ActionItem]:
        with walk.house.store.reading() as session:
            return list(session.exec(select(ActionItem)))

    def test_whoever_owns_an_item_is_reminded_a_day_before_also_after_an_exercise_of_next_year(
        self, walk: Walk
    ) -> None:
        walk.to("triage")
        jump(walk.house, walk.exercise_id, wall_now() + timedelta(days=400))
        end_exercise(walk.house, NAME, "commander-1", "enough")
        read_after_action(walk.house, NAME)
        items = {f"action:{one.id}": one for one in self.items(walk)}
        assert items
        with walk.house.store.reading() as session:
            for warning in session.exec(select(ClockWarning).where(col(ClockWarning.subject).in_(items))):
                early = timedelta(0) if warning.threshold == "overdue" else REMINDER
                assert warning.due_at == items[warning.subject].due_at - early

    def test_an_item_is_closed_when_it_is_closed_and_late_where_that_was_late(self, walk: Walk) -> None:
        walk.to("triage")
        end_exercise(walk.house, NAME, "commander-1", "enough")
        read_after_action(walk.house, NAME)
        (item,) = self.items(walk)
        with walk.house.store.writing() as session:
            session.get_one(ActionItem, item.id).due_at = wall_now() - timedelta(hours=1)
            owner = session.exec(select(Responder.id).where(Responder.handle == "commander-1")).one() or 0
        assert self.reported(walk) == ("overdue", True)
        close_action_item(walk.house, item.ref, "Done.", Vouched("commander-1", owner, 9_000), "x")
        (item,) = self.items(walk)
        assert item.closed_at is not None
        assert abs(wall_now() - item.closed_at) < timedelta(minutes=5)
        assert self.reported(walk) == ("closed late", True)

    def reported(self, walk: Walk) -> tuple[str, bool]:
        """How the one item stands in the incident's report, and whether it is among what came late."""
        with walk.house.store.reading() as session:
            report = build_report(gather(session, walk.ref, Scope.whole(), wall_now(), "Example Services"))
        (line,) = report.actions
        return line.standing, line.title in {late.what for late in report.late}

    def test_what_a_script_owns_goes_to_somebody_who_may_know_of_the_very_incident(self, walk: Walk) -> None:
        with walk.house.store.writing() as session:
            opening = Opening("t", "data-exfiltration", "Another", exercise_id=walk.exercise_id)
            second = open_incident(session, walk.house, opening, wall_now()).id or 0
            script, limited = "ex-2026-0001-it", "a-limited"
            for handle, clients in ((script, []), (limited, [OURS])):
                session.add(
                    Responder(handle=handle, name="", roles=["it"], secret=new_secret(), clients=clients,
                              enrolled_at=wall_now())
                )  # fmt: skip
            for incident_id in (1, second):
                session.add(
                    ActionItem(ref=f"A-{incident_id}", incident_id=incident_id, title="x", owner=script,
                               due_at=wall_now(), opened_at=wall_now())
                )  # fmt: skip
        end_exercise(walk.house, NAME, "commander-1", "enough")
        assert {one.incident_id: one.owner for one in self.items(walk)} == {1: limited, second: "it-1"}
