"""Who is on duty when in a simulation: the same, however far earlier runs have looked ahead."""

from __future__ import annotations

from datetime import timedelta

from playbooks.roster.duty import on_duty
from playbooks.roster.models import Away, DutyRoster, Shift
from playbooks.simulation.model import Staff
from playbooks.simulation.staff import Rota
from tests.harness.simulating import HOUR, MONDAY

DAY = 24 * 3600.0
PEOPLE = ("ada", "bo")
SHIFTS = (
    {"role": "it", "from": "00:00", "until": "24:00", "people": ["ada"]},
    {"role": "it", "from": "22:00", "until": "06:00", "zone": "Asia/Manila", "people": ["bo"]},
)
ROSTER = DutyRoster(zone="Europe/Warsaw", shifts=tuple(Shift.model_validate(one) for one in SHIFTS))


def rota(*away: Away) -> Rota:
    return Rota("it", PEOPLE, Staff({"it": PEOPLE}, ROSTER, away), MONDAY, {"ada": 0, "bo": 1})


def test_the_stretches_are_those_of_the_roster() -> None:
    found, away = rota(), Away("ada", MONDAY + 30 * HOUR, MONDAY + 50 * HOUR)
    for of, absences in ((found, ()), (rota(away), (away,))):
        for hour in range(0, 24 * 45, 5):
            people = of.people[of.stretch(hour * 3600.0)]
            at = MONDAY + hour * HOUR
            gone = {absence.handle for absence in absences if absence.covers(at)}
            there = set(on_duty(ROSTER, "it", at)) - gone
            assert {PEOPLE[one] for one in people} == there


def test_an_end_of_duty_does_not_depend_on_how_far_was_looked_ahead() -> None:
    fresh, ahead = rota(), rota()
    ahead.stretch(100 * DAY)
    for day in range(0, 60, 3):
        at = day * DAY + 7 * 3600
        ends = [one.end_of_duty(one.stretch(at), 0) for one in (fresh, ahead)]
        assert ends[0] == ends[1]
        assert ends[0] >= at + 14 * DAY - 7 * 3600


def test_duty_that_ends_is_seen_to_end() -> None:
    found = rota()
    night = found.stretch(5.5 * 3600)  # 14:30 UTC: 22:30 in Manila
    assert found.people[night] == (0, 1)
    assert found.end_of_duty(night, 1) == timedelta(hours=13).total_seconds()  # 22:00 UTC: 06:00 there
