"""What a simulation draws from where several say how long work takes."""

from __future__ import annotations

from datetime import timedelta

from flows.simulation.learning import Learned
from flows.simulation.preparing import paces_of
from playbooks.simulation.durations import Fixed
from playbooks.simulation.model import Paces
from playbooks.simulation.parts import pace_of

HOUR = timedelta(hours=1)
PAST = (
    Learned("triage", "do", 8, True, Fixed(5 * HOUR)),
    Learned("weigh", "do", 8, True, Fixed(6 * HOUR)),
    Learned("tell", "release", 9, False, Fixed(7 * HOUR)),
    Learned("", "approve", 20, False, Fixed(8 * HOUR)),
)


def test_what_the_file_says_goes_before_what_was_learned() -> None:
    said = {"triage": Fixed(HOUR), "release": Fixed(2 * HOUR)}
    paces, learned = paces_of(Paces(said), PAST)
    assert pace_of(paces, "triage", "do", HOUR) == Fixed(HOUR)
    assert pace_of(paces, "tell", "release", HOUR) == Fixed(2 * HOUR)
    assert pace_of(paces, "weigh", "do", HOUR) == Fixed(6 * HOUR)
    assert pace_of(paces, "any", "approve", HOUR) == Fixed(8 * HOUR)
    assert [one.name for one in learned] == ["weigh/do", "approve"]


def test_what_was_learned_of_one_step_goes_before_what_was_learned_of_all() -> None:
    past = (*PAST, Learned("tell", "approve", 9, True, Fixed(HOUR)))
    paces, _ = paces_of(Paces(), past)
    assert pace_of(paces, "tell", "approve", HOUR) == Fixed(HOUR)
