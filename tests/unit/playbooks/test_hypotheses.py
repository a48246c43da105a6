"""How the weighing of hypotheses stands: the ranking, its why, and what nobody has looked for."""

from __future__ import annotations

import pytest

from playbooks.facts import DICTIONARY
from playbooks.hypotheses import (
    KINDS,
    HypothesisView,
    NoteView,
    Ranked,
    explaining,
    shipped_proposals,
    starting_hypotheses,
    weigh,
)
from playbooks.library import SHIPPED_PLAYBOOKS


def pro(evidence: int | None = None) -> NoteView:
    return NoteView("for", evidence)


def con(evidence: int | None = None, *, late: bool = False) -> NoteView:
    return NoteView("against", evidence, late)


def ranked(*notes: NoteView, state: str = "open") -> Ranked:
    (one,) = weigh([HypothesisView(1, state, notes)])  # type: ignore[arg-type]
    return one


class TestGaps:
    def test_of_what_nobody_spoke_about_both_sides_are_missing(self) -> None:
        assert ranked().gaps == (
            "nothing speaks for it yet",
            "nobody has looked for what speaks against it",
        )

    def test_words_alone_are_said_to_rest_on_no_evidence(self) -> None:
        assert ranked(pro(), con(2)).gaps == ("what speaks for it rests on no evidence",)

    def test_evidence_on_both_sides_leaves_nothing_missing(self) -> None:
        assert ranked(pro(1), con(2)).gaps == ()

    def test_what_came_against_it_after_it_was_accepted_is_said(self) -> None:
        said = "something was said against it after it was accepted"
        assert ranked(pro(1), con(2, late=True), state="accepted").gaps == (said,)
        assert ranked(pro(1), con(2), state="accepted").gaps == ()

    def test_nothing_is_missing_of_what_was_set_aside(self) -> None:
        assert ranked(state="set_aside").gaps == ()

    def test_evidence_that_speaks_for_every_explanation_tells_none_apart(self) -> None:
        first, second = weigh(
            [HypothesisView(1, notes=(pro(1), pro(2), con())), HypothesisView(2, notes=(pro(1), con()))]
        )
        said = "E1 speaks for every other explanation too, and tells none apart"
        assert (first.gaps, second.gaps) == ((said,), (said,))

    def test_what_was_set_aside_is_no_longer_told_apart(self) -> None:
        one, _ = weigh(
            [HypothesisView(1, notes=(pro(1), con())), HypothesisView(2, "set_aside", notes=(pro(1),))]
        )
        assert one.gaps == ()


class TestRanking:
    def test_evidence_outweighs_words_and_what_speaks_against_takes_away(self) -> None:
        found = weigh(
            [
                HypothesisView(1, notes=(pro(), pro())),
                HypothesisView(2, notes=(pro(4),)),
                HypothesisView(3, notes=(pro(4), con(5))),
            ]
        )
        assert [(one.number, one.weight) for one in found] == [(2, 3), (1, 2), (3, 0)]
        assert found[2].why == "for: E4; against: E5"
        assert found[1].why == "for: 2 notes without evidence; against: nothing"

    def test_the_same_evidence_named_twice_for_one_side_weighs_once(self) -> None:
        assert ranked(pro(4), pro(4)).weight == ranked(pro(4)).weight

    def test_of_two_that_weigh_the_same_the_one_less_contradicted_comes_first(self) -> None:
        contested = HypothesisView(1, notes=(pro(1), pro(2), con(3)))
        calm = HypothesisView(2, notes=(pro(1),))
        assert [one.number for one in weigh([contested, calm])] == [2, 1]

    def test_what_was_decided_comes_before_any_weight(self) -> None:
        found = weigh(
            [
                HypothesisView(1, "set_aside", (pro(1), pro(2))),
                HypothesisView(2, notes=(pro(3),)),
                HypothesisView(3, "accepted", (pro(4), con(5))),
            ]
        )
        assert [one.number for one in found] == [3, 2, 1]


class TestStartingHypotheses:
    def test_every_kind_of_incident_begins_with_several_different_ones(self) -> None:
        assert set(shipped_proposals()) >= {path.stem for path in SHIPPED_PLAYBOOKS.glob("*.yaml")}
        for proposals in shipped_proposals().values():
            assert len({one.statement for one in proposals}) == len(proposals) >= 2
            assert len({one.source_kind for one in proposals}) >= 2

    def test_a_kind_nobody_has_written_for_begins_with_none(self) -> None:
        assert starting_hypotheses("of-our-own") == ()

    def test_what_is_not_established_explains_nothing(self) -> None:
        assert {*KINDS, "unknown_source"} == set(DICTIONARY["source_kind"].values)
        with pytest.raises(ValueError, match="explains"):
            explaining("unknown_source")
