"""Teams that do odd things: what they can neither gain nor lose by it."""

from __future__ import annotations

from dataclasses import replace

from playbooks.exercises.record import Decided
from playbooks.exercises.scoring import score
from tests.harness.exercise_records import GOOD, SCENARIO, at, forgetful
from tests.unit.playbooks.test_scoring import point


def measured(*cuts: Decided) -> tuple[str, str]:
    """How the measure that the vendor is cut off within three hours was judged."""
    result = score(SCENARIO, replace(GOOD, decided=(*cuts, *GOOD.decided[1:])))
    contain = next(one for one in result.objectives if one.id == "contain")
    return next((one.verdict, one.why) for one in contain.measures if "within 3 h" in one.what)


def test_to_hold_that_a_call_does_not_apply_is_not_to_handle_it() -> None:
    press, second = GOOD.happened
    passed = replace(GOOD, happened=(replace(press, decision="not_applicable"), second))
    found = point(score(SCENARIO, passed), "inject:press-asks")
    assert (found.verdict, found.why) == ("wrong", "nothing was done: held not to apply by counsel-1")


def test_what_a_facilitator_cut_off_in_its_time_counts_neither_way() -> None:
    """Who ends after an hour has not seen whether the vendor would have been cut off within two."""
    undone = replace(GOOD, decided=GOOD.decided[1:], ended_at=at(1), is_cut_off=True)
    expected = point(score(SCENARIO, undone), "expected:cut-off")
    assert (expected.verdict, expected.why) == ("open", "its time still ran when the exercise ended")
    over = replace(undone, ended_at=at(2.5))
    assert point(score(SCENARIO, over), "expected:cut-off").verdict == "missed"
    closed_by_those_who_play = replace(undone, is_cut_off=False)
    assert point(score(SCENARIO, closed_by_those_who_play), "expected:cut-off").verdict == "missed"


def test_a_step_that_was_passed_by_was_not_done() -> None:
    cut = GOOD.decided[0]
    assert measured(replace(cut, decision="not_applicable")) == ("wrong", "held not to apply")
    later = replace(cut, opened_at=at(3), answered_at=at(5))
    assert measured(replace(cut, decision="not_applicable"), later) == ("late", "done after 5 h")


def test_a_step_asked_again_was_done_when_it_was_first_done() -> None:
    cut = GOOD.decided[0]
    again = replace(cut, opened_at=at(20), answered_at=at(21))
    assert measured(cut, again) == ("met", "done after 1 h")
    assert measured(cut, replace(again, answered_at=None)) == ("met", "done after 1 h")


def test_whoever_raises_everything_is_no_better_off_for_it() -> None:
    """Duties that the story does not ask for can be lost and not earned."""
    forgot = forgetful()
    others = tuple(
        replace(GOOD.duties[0], rule=f"{recipient}-1", recipient=recipient)
        for recipient in ("data_subjects", "supervisory_authority", "media")
    )
    raised = replace(forgot, duties=(*forgot.duties, *others))
    before, after = score(SCENARIO, forgot), score(SCENARIO, raised)
    for aspect in ("duties", "windows"):
        points = [one for one in after.points if one.aspect == aspect]
        assert {one.verdict for one in points if one.about == "data_subjects"} == {"open"}
        assert (after.part(points[0].aspect).percent or 0) <= (before.part(points[0].aspect).percent or 0)
    assert (after.percent or 0) <= (before.percent or 0)
    late = replace(others[0], met_at=at(30))
    found = point(score(SCENARIO, replace(GOOD, duties=(*GOOD.duties, late))), "duty:data_subjects-1:B")
    assert found.verdict == "late"


def test_an_inject_that_never_came_forestalls_nothing() -> None:
    press, second = GOOD.happened
    result = score(SCENARIO, replace(GOOD, happened=(press, replace(second, forestalled_by=""))))
    found = point(result, "inject:second-call")
    assert (found.verdict, found.why) == ("open", "never came")
    assert not [one for one in result.strengths if one.title.startswith("Forestalled")]


def test_an_inject_brought_by_hand_is_late_as_any_other() -> None:
    by_hand = replace(GOOD.happened[0], key="by-hand-1", handled_at=at(15))
    result = score(SCENARIO, replace(GOOD, happened=(*GOOD.happened, by_hand)))
    found = point(result, "inject:by-hand-1")
    assert (found.verdict, found.role) == ("late", "counsel")
    assert found.why == "handled by counsel-1 after 10 h, 8 h too late"


def test_what_was_decided_in_another_incident_does_not_undo_what_was_right_in_the_first() -> None:
    """A further alert opened one of its own, which was looked into before it was merged."""
    cut, command, draft = GOOD.decided
    other = replace(cut, fields={"access_cut": "no"}, opened_at=at(3), answered_at=at(4), is_beside=True)
    result = score(SCENARIO, replace(GOOD, decided=(cut, command, draft, other)))
    assert point(result, "expected:cut-off").verdict == "met"
    alone = score(SCENARIO, replace(GOOD, decided=(command, draft, other)))
    assert point(alone, "expected:cut-off").verdict == "wrong"
    led = replace(command, is_beside=True)
    merged = score(SCENARIO, replace(GOOD, decided=(cut, replace(command, decision="note"), led)))
    assert point(merged, "expected:declare").verdict == "met"


def test_a_decision_that_nobody_came_to_is_named_as_people_know_it() -> None:
    titles = {"cut-vendor-access": "Cut the vendor off"}
    result = score(SCENARIO, replace(GOOD, decided=GOOD.decided[1:], titles=titles))
    assert point(result, "expected:cut-off").what == "Cut the vendor off"
    area = next(one for one in result.improvements if one.key == "expected:cut-off")
    assert area.action.endswith("rehearse it again: Cut the vendor off")
    assert measured()[0] == "missed"
    contain = next(one for one in result.objectives if one.id == "contain")
    assert {one.what.partition(":")[0] for one in contain.measures[:2]} == {"Cut the vendor off"}
