"""Scripted roles go on whatever the facilitator does meanwhile, and end when the exercise is stopped."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.clock import wall_now
from flows.exercise.casting import Cast
from flows.exercise.ending import stop_exercise
from flows.exercise.playing import Player
from flows.exercise.shifting import shift_injects
from flows.exercise.stepping import jump, locked
from flows.exercise.through_prefect import RESTLESS, ThroughPrefect
from flows.exercise.waiting import put_of
from playbooks.errors import TellHuman, Unreachable
from playbooks.exercises.moves import Table
from playbooks.exercises.part import Said
from store.database import Store
from store.tables import (
    Exercise,
    Question,
)
from tests.harness.conducted import (
    HOURS,
    NEWS,
    after,
    broken_by,
    drilled,
    halt,
    inject_of,
    running,
)
from tests.harness.desks import house_on
from tests.harness.rehearsals import rehearse, scenario


class _Overtaken(Player):
    """Somebody moves the clock between this player's look and its move."""

    def table(self, put: object) -> Table:
        found = super().table(put)  # type: ignore[arg-type]
        jump(self.house, self.exercise_id, found.now + 20 * HOURS)
        return found


class _Halted(Player):
    """A facilitator pauses between this player's look and its move."""

    def table(self, put: object) -> Table:
        found = super().table(put)  # type: ignore[arg-type]
        with self.house.store.reading() as session:
            exercise = session.get_one(Exercise, self.exercise_id)
        halt(self.house, exercise)
        return found


class TestConductor:
    @pytest.mark.parametrize("kind", [_Overtaken, _Halted], ids=["moved", "paused"])
    def test_what_a_facilitator_does_meanwhile_lets_it_look_again(
        self, sqlite_store: Store, tmp_path: Path, kind: type[Player]
    ) -> None:
        player = rehearse(sqlite_store, tmp_path, scenario()).player
        fields = {name: getattr(player, name) for name in player.__dataclass_fields__}
        began = player.now
        assert kind(**fields).move() == ""
        assert player.now in (began, began + 20 * HOURS)
        assert put_of(player.house, player.exercise_id)

    def test_a_stopped_exercise_is_not_waited_for(self, sqlite_store: Store, tmp_path: Path) -> None:
        played = rehearse(sqlite_store, tmp_path, scenario())
        with sqlite_store.writing() as session:
            stop_exercise(session, played.house, played.exercise_id, "it was about to leave", wall_now())
        with pytest.raises(TellHuman, match="it was about to leave"):
            played.player.play()

    def test_an_end_that_was_put_off_is_known_to_whoever_plays(
        self, sqlite_store: Store, tmp_path: Path
    ) -> None:
        played = rehearse(sqlite_store, tmp_path, scenario())
        with sqlite_store.writing() as session:
            exercise = locked(session, played.exercise_id)
            shift_injects(session, exercise, 4 * HOURS, "commander-1", wall_now())
        assert played.player.table([]).ends_at == scenario().begins_at + scenario().lasts + 4 * HOURS

    def test_a_question_that_it_has_not_seen_put_is_looked_at_again(
        self, sqlite_store: Store, tmp_path: Path
    ) -> None:
        asked = Question(ref="q-1", incident_id=1, kind="step", role="it", title="x", opened_at=wall_now())
        engine = ThroughPrefect(house_on(sqlite_store, tmp_path), 1, Cast({}))
        assert engine.give(asked, "it-1", Said("done", "", {})) is False

    def test_while_prefect_is_away_it_says_so_once_and_not_that_it_answers_again(
        self, sqlite_store: Store, tmp_path: Path
    ) -> None:
        played = rehearse(sqlite_store, tmp_path, scenario())
        heard: list[str] = []
        engine = ThroughPrefect(played.house, played.exercise_id, Cast({}), hear=heard.append)
        for _ in range(3):
            engine.rested_at = -RESTLESS
            assert not engine.is_at_rest()
        (said,) = heard
        assert said.startswith("the scripted roles wait: ")

    @pytest.mark.parametrize(
        ("fault", "state"),
        [
            pytest.param(ValueError("a fault of ours"), "dropped", id="bug"),
            pytest.param(Unreachable("the database is busy"), "waiting", id="busy"),
        ],
    )
    def test_what_goes_wrong_with_an_inject_ends_no_scripted_role(
        self,
        fault: Exception,
        state: str,
        sqlite_store: Store,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        house = drilled(sqlite_store, tmp_path)
        exercise = running(house, NEWS)
        after(house, exercise, 2 * HOURS)
        monkeypatch.setattr("flows.exercise.injecting.BRING", broken_by(fault))
        engine = ThroughPrefect(house, exercise.id or 0, Cast({}))
        assert not engine.is_at_rest()
        assert inject_of(house, exercise, "news").state == state
