"""What an exercise is worth: three teams told apart, every point with its reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from playbooks.exercises.record import Decided, Duty, Record
from playbooks.exercises.scenario import Expected
from playbooks.exercises.score import EARNED, Part, Point, Score
from playbooks.exercises.scoring import score
from tests.harness.exercise_records import BEGAN, ENDED, GOOD, SCENARIO, at, forgetful, slow


def whys(result: Score, aspect: str) -> list[tuple[str, str]]:
    return [(point.verdict, point.why) for point in result.points if point.aspect == aspect]


def point(result: Score, key: str) -> Point:
    return next(one for one in result.points if one.key == key)


def with_duty(**changes: Any) -> Record:
    return replace(GOOD, duties=(replace(GOOD.duties[0], **changes), GOOD.duties[1]))


def test_a_good_team_loses_nothing() -> None:
    result = score(SCENARIO, GOOD)
    assert result.percent == 100
    assert result.lost == ()
    assert result.improvements == ()
    assert [one.rating for one in result.objectives] == ["P", "P"]
    assert "Reserve on every legal clock" in [one.title for one in result.strengths]


def test_a_slow_team_is_late_and_misses_nothing() -> None:
    result = score(SCENARIO, slow())
    assert 40 < (result.percent or 0) < 70
    assert point(result, "duty:contract-24h:B").why == "told 2 h after its time"
    assert point(result, "expected:cut-off").why == "as expected, but 3 h later than a good team"
    assert point(result, "inject:press-asks").why == "handled by counsel-1 after 4 h, 2 h too late"
    assert point(result, "window:contract-24h:B").verdict == "missed"
    assert {one.verdict for one in result.lost if one.aspect != "windows"} == {"late"}
    assert [one.rating for one in result.objectives] == ["U", "M"]


def test_a_team_that_forgets_the_client_is_told_so() -> None:
    result = score(SCENARIO, forgetful())
    duty = point(result, "duty:contract-24h:B")
    assert (duty.verdict, duty.about) == ("missed", "client_controller")
    assert duty.why.startswith("nobody told the client whose data it is; its time was over 2 d 8 h")
    first = result.improvements[0]
    assert first.key == "duties:client_controller"
    assert (first.role, first.days, first.capability) == ("client_lead", 30, "Public information and warning")
    assert point(result, "expected:cut-off").verdict == "met"
    assert result.objectives[0].rating == "U"


def test_slow_and_forgetful_are_told_apart_by_what_they_lost() -> None:
    late, forgot = score(SCENARIO, slow()), score(SCENARIO, forgetful())
    assert "missed" not in [one.verdict for one in late.part("duties").points]
    assert "late" not in [one.verdict for one in forgot.part("duties").points]
    assert late.percent != forgot.percent


@pytest.mark.parametrize(
    ("changes", "verdict", "why"),
    [
        ({"state": "waived", "met_at": None}, "wrong", "waived, though the story owes it"),
        (
            {"met_at": None, "state": "owed", "due_at": at(100)},
            "open",
            "its time still ran when the exercise ended",
        ),
        (
            {"met_at": None, "state": "owed", "due_at": None},
            "missed",
            "nobody told the client whose data it is",
        ),
        ({"due_at": None}, "met", "told"),
    ],
)
def test_each_end_of_a_duty_has_its_reason(changes: dict[str, Any], verdict: str, why: str) -> None:
    found = point(score(SCENARIO, with_duty(**changes)), "duty:contract-24h:B")
    assert (found.verdict, found.why) == (verdict, why)


def test_a_duty_that_the_story_owes_and_nobody_found_is_missed() -> None:
    result = score(SCENARIO, replace(GOOD, duties=GOOD.duties[1:]))
    assert (
        point(result, "duty:client_controller").why
        == "the story owes the client whose data it is a notice; the duty was never found"
    )
    denied = score(SCENARIO, with_duty(state="not_owed", met_at=None))
    assert point(denied, "duty:client_controller").why.endswith("the duty was held not to be owed")


def test_a_duty_that_the_story_does_not_owe_is_wrongly_raised() -> None:
    raised = replace(GOOD.duties[1], state="met", met_at=at(3))
    result = score(SCENARIO, replace(GOOD, duties=(GOOD.duties[0], raised)))
    found = point(result, "duty:media-x:B")
    assert (found.verdict, found.why) == (
        "wrong",
        "the story owes the prominent media nothing, yet the duty stands",
    )
    assert result.improvements[0].title == "Whether to tell: the prominent media"


def test_a_notice_to_whom_nothing_is_owed_costs_a_point() -> None:
    told = replace(GOOD.told[0], recipient="media")
    result = score(SCENARIO, replace(GOOD, told=(*GOOD.told, told)))
    assert point(result, "told:media").verdict == "wrong"


def test_another_decision_than_expected_is_worth_nothing_however_early() -> None:
    cut = replace(GOOD.decided[0], fields={"access_cut": "no"})
    result = score(SCENARIO, replace(GOOD, decided=(cut, *GOOD.decided[1:])))
    found = point(result, "expected:cut-off")
    assert (found.verdict, found.why) == ("wrong", "answered access_cut otherwise than expected")
    area = next(one for one in result.improvements if one.key == "expected:cut-off")
    assert "The vendor cannot say" in area.analysis
    assert "Against it speaks: Two clients" in area.analysis


def test_one_right_command_among_many_counts() -> None:
    other = replace(GOOD.decided[1], decision="reassign", answered_at=at(0.5))
    result = score(SCENARIO, replace(GOOD, decided=(other, *GOOD.decided)))
    assert point(result, "expected:declare").verdict == "met"


def test_a_step_left_in_one_case_is_missed_there() -> None:
    wanted = Expected.model_validate({"id": "draft", "step": "tell-client", "speaks_for": "They must know."})
    scenario = SCENARIO.model_copy(update={"expected": (wanted,), "objectives": SCENARIO.objectives[:1]})
    left = replace(GOOD.decided[2], case="C", answered_at=None)
    result = score(scenario, replace(GOOD, decided=(*GOOD.decided, left)))
    assert point(result, "expected:draft").why == "never answered in case C"


def test_lists_and_yes_are_compared_as_people_mean_them() -> None:
    wanted = Expected.model_validate(
        {"id": "x", "step": "scope", "fields": {"kinds": ["a", "b"], "copied": True, "count": 12},
         "speaks_for": "So it is."}
    )  # fmt: skip
    scenario = SCENARIO.model_copy(update={"expected": (wanted,), "objectives": SCENARIO.objectives[:1]})
    said = Decided(
        "scope", "step", "Scope", "", "it", BEGAN, None, at(1), "it-1", "done",
        fields={"kinds": ["B", "a"], "copied": "yes", "count": "12"},
    )  # fmt: skip
    assert point(score(scenario, replace(GOOD, decided=(said,))), "expected:x").verdict == "met"


def test_an_unanswered_question_is_missed_and_a_withdrawn_one_is_nobodys() -> None:
    draft = GOOD.decided[2]
    left = score(SCENARIO, replace(GOOD, decided=(replace(draft, answered_at=None),)))
    assert whys(left, "targets") == [("missed", "never answered; the target was 4 h")]
    gone = score(SCENARIO, replace(GOOD, decided=(replace(draft, answered_at=None, is_withdrawn=True),)))
    assert whys(gone, "targets") == []


def test_a_forestalled_inject_is_a_strength() -> None:
    result = score(SCENARIO, GOOD)
    assert point(result, "inject:second-call").why == "did not have to come: tell-client was done before"
    assert "Forestalled: The client hears of it elsewhere" in [one.title for one in result.strengths]


def test_a_window_nearly_used_up_leaves_no_reserve() -> None:
    result = score(SCENARIO, with_duty(met_at=at(23)))
    assert whys(result, "windows") == [("late", "96 % of the window used: more than 75 % leaves no reserve")]
    assert [one.key for one in result.improvements] == ["windows:client_controller"]
    assert result.objectives[0].rating == "S"


def test_a_minute_past_the_window_is_past_it() -> None:
    (window,) = score(SCENARIO, with_duty(met_at=at(24.01))).windows
    assert window.percent == 101


def test_findings_of_the_content_check_cost() -> None:
    def told(findings: int) -> Score:
        return score(SCENARIO, replace(GOOD, told=(replace(GOOD.told[0], findings=findings),)))

    assert [told(count).part("content").percent for count in (0, 1, 2)] == [100, 50, 0]


def test_a_hand_over_that_lost_an_open_question_is_told() -> None:
    late = replace(GOOD.decided[2], answered_at=at(9))
    result = score(SCENARIO, replace(GOOD, decided=(late,)))
    assert whys(result, "handovers") == [
        ("late", "1 open question handed on, 1 of them came too late: Draft the notice to the client")
    ]


def test_what_an_exercise_did_not_show_is_left_out_of_the_whole() -> None:
    bare = replace(GOOD, told=(), handovers=(), happened=())
    result = score(SCENARIO, bare)
    assert [part.aspect for part in result.parts if part.percent is None] == [
        "injects",
        "content",
        "handovers",
    ]
    assert result.percent == 100


def test_an_exercise_stopped_at_its_beginning_is_worth_no_number() -> None:
    duty = Duty("r", "Tell", "A", "client_controller", "presumed", False, BEGAN, at(999), None)
    result = score(SCENARIO, Record("EX", BEGAN, BEGAN, "stopped", "", (), (duty,), (), ()))
    assert all(one.verdict in ("open", "missed") for one in result.points)
    assert result.part("targets").percent is None


def test_the_same_record_is_worth_the_same_whenever_it_is_scored() -> None:
    assert score(SCENARIO, slow()) == score(SCENARIO, slow())
    keys = [one.key for one in score(SCENARIO, forgetful()).improvements]
    assert len(keys) == len(set(keys))


def test_a_part_is_rounded_down_so_that_nothing_lost_reads_as_whole() -> None:
    points = [Point(str(n), "duties", "x", "met", "") for n in range(299)]
    part = Part("duties", (*points, Point("last", "duties", "x", "missed", "")))
    assert part.percent == 99
    assert EARNED["late"] == 0.5
    assert ENDED > BEGAN
