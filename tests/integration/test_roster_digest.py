"""The morning digest: once a day for each channel, nothing of one client in another's, late only today's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from flows.clock import wall_now
from flows.deciding import deciding
from flows.exercise.stepping import begin_exercise
from flows.house import House
from flows.roster.digest import send_digest
from flows.settling.circling import keep_out
from notify.render import render_terminal
from playbooks.errors import SetupFault
from store.database import Store
from store.tables import ActionItem, Exercise, Incident
from tests.harness.desks import house_on
from tests.harness.rosters import DAY_AND_NIGHT, begin, furnish, put_in_force, said, shifts

YESTERDAY = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
EIGHT = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
"""Eight o'clock in the house's place, which is Brussels."""
DAY = timedelta(days=1)
CLIENTS = (("retail", "#retail"), ("bank", "#bank"), ("clinic", ""))


def morning(store: Store, folder: Path, **env: str) -> House:
    """A house with three clients, two with a channel, that has looked the day before."""
    house = furnish(store, folder, YESTERDAY, *CLIENTS, **env)
    assert send_digest(house, YESTERDAY) == 0, "a new house begins with the next morning"
    return house


def told(store: Store) -> dict[str, dict[str, Any]]:
    """What the digests say, by channel; one each."""
    found = {one.channel: one.fields for one in said(store, "digest")}
    assert len(found) == len(said(store, "digest"))
    return found


def lines(fields: dict[str, Any], head: str) -> list[str]:
    return [line for one in fields["sections"] if one["head"].startswith(head) for line in one["lines"]]


def test_each_channel_hears_of_its_own_client_alone(store: Store, tmp_path: Path) -> None:
    house = morning(store, tmp_path)
    both = begin(house, YESTERDAY, "retail", "bank")
    retail, clinic = begin(house, YESTERDAY, "retail"), begin(house, YESTERDAY, "clinic")
    assert send_digest(house, EIGHT) == 3
    pages = told(store)
    assert set(pages) == {"#retail", "#bank", "#house"}
    assert [line.split(":")[0] for line in lines(pages["#retail"], "Open")] == [both, retail]
    assert [line.split(":")[0] for line in lines(pages["#bank"], "Open")] == [both]
    assert any(clinic in line and "clinic" in line for line in lines(pages["#house"], "Open"))
    assert lines(pages["#bank"], "Next clocks")
    assert all(both in line for line in lines(pages["#bank"], "Next clocks"))
    for channel, own in (("#retail", "retail"), ("#bank", "bank")):
        shown = render_terminal("digest", pages[channel]).casefold()
        for other in {"retail", "bank", "clinic"} - {own}:
            assert other not in shown.replace(channel, "")
        assert "incorporated" not in shown, "a client's name stands in no message"
        assert clinic.casefold() not in shown
    for line in lines(pages["#house"], "Next clocks"):
        assert "retail" not in line
        assert "bank" not in line


def test_it_comes_once_a_day_and_late_only_todays(store: Store, tmp_path: Path) -> None:
    house = morning(store, tmp_path)
    begin(house, YESTERDAY, "retail")
    assert send_digest(house, EIGHT - timedelta(seconds=1)) == 0
    assert [send_digest(house, at) for at in (EIGHT, EIGHT, EIGHT + timedelta(hours=5))] == [2, 0, 0]
    late = EIGHT + 4 * DAY + timedelta(hours=6)
    assert [send_digest(house, late), send_digest(house, late)] == [2, 0]
    keys = {one.key for one in said(store, "digest")}
    assert keys == {f"digest/2026-03-{day}/{who}" for day in ("02", "06") for who in ("retail", "house")}


def test_what_opens_after_the_hour_waits_for_the_next_morning(store: Store, tmp_path: Path) -> None:
    house = morning(store, tmp_path)
    assert send_digest(house, EIGHT) == 0, "nothing is open, so nothing is said"
    begin(house, EIGHT + timedelta(hours=1), "retail")
    assert send_digest(house, EIGHT + timedelta(hours=2)) == 0
    assert send_digest(house, EIGHT + DAY) == 2


def test_a_restricted_incident_is_a_count_in_the_house_and_nothing_elsewhere(
    store: Store, tmp_path: Path
) -> None:
    house = morning(store, tmp_path)
    restricted = begin(house, YESTERDAY, "retail", playbook="insider-misuse")
    circled = begin(house, YESTERDAY, "bank")
    with deciding(house, circled) as decision:
        keep_out(decision, "bo", "eve", "because")
    assert send_digest(house, EIGHT) == 1
    (channel,) = told(store)
    shown = render_terminal("digest", told(store)[channel])
    assert channel == "#house"
    assert "2 incidents are open of which only a circle may know more" in shown
    assert restricted not in shown
    assert circled not in shown


@pytest.mark.parametrize("channel", ["", "#drills"])
def test_exercises_are_spoken_of_in_their_own_channel_or_not_at_all(
    sqlite_store: Store, tmp_path: Path, channel: str
) -> None:
    house = morning(sqlite_store, tmp_path, SEVENTYTWO_EXERCISE_CHANNEL=channel)
    with sqlite_store.writing() as session:
        exercise_id = begin_exercise(session, "drill", YESTERDAY, wall_now()).id or 0
    ref = begin(house, YESTERDAY, "retail", exercise_id=exercise_id)
    assert send_digest(house, EIGHT) == (1 if channel else 0)
    for where, fields in told(sqlite_store).items():
        assert where == channel
        assert fields["exercise"]
        assert ref in render_terminal("digest", fields)


def test_what_is_to_be_mended_within_a_week_is_named_to_its_owner(
    sqlite_store: Store, tmp_path: Path
) -> None:
    house = morning(sqlite_store, tmp_path)
    shared, alone = begin(house, YESTERDAY, "retail", "bank"), begin(house, YESTERDAY, "retail")
    with sqlite_store.writing() as session:
        for number, (ref, days) in enumerate(((shared, 1), (alone, -1), (alone, 30))):
            incident = session.exec(select(Incident).where(Incident.ref == ref)).one()
            incident.state = "closed"
            session.add(incident)
            session.add(
                ActionItem(
                    ref=f"AI-{number}",
                    incident_id=incident.id or 0,
                    title="t",
                    owner="cy",
                    due_at=EIGHT + days * DAY,
                    opened_at=YESTERDAY,
                )
            )
    assert send_digest(house, EIGHT) == 2
    assert lines(told(sqlite_store)["#retail"], "Action") == ["AI-1: over by 1 d, cy"]
    assert lines(told(sqlite_store)["#house"], "Action") == ["AI-1: over by 1 d, cy", "AI-0: 1 d left, cy"]


def test_what_an_exercise_left_to_mend_is_named_in_the_house_once_it_is_over(
    sqlite_store: Store, tmp_path: Path
) -> None:
    house = morning(sqlite_store, tmp_path)
    with sqlite_store.writing() as session:
        drill = begin_exercise(session, "EX-2026-0001", YESTERDAY, wall_now())
        exercise_id = drill.id or 0
    ref = begin(house, YESTERDAY, "retail", exercise_id=exercise_id)
    with sqlite_store.writing() as session:
        incident = session.exec(select(Incident).where(Incident.ref == ref)).one()
        incident.state = "closed"
        session.add(incident)
        session.add(
            ActionItem(
                ref="AI-1",
                incident_id=incident.id or 0,
                title="t",
                owner="cy",
                due_at=EIGHT + 3 * DAY,
                opened_at=YESTERDAY,
            )
        )
    assert send_digest(house, EIGHT) == 0, "it is still played"
    with sqlite_store.writing() as session:
        drill = session.get_one(Exercise, exercise_id)
        drill.state, drill.ended_at = "ended", EIGHT
        session.add(drill)
    assert send_digest(house, EIGHT + DAY) == 0, "its dates are still the exercise's own"
    with sqlite_store.writing() as session:
        session.get_one(Exercise, exercise_id).filed_at = EIGHT
    assert send_digest(house, EIGHT + 2 * DAY) == 1
    (channel,) = told(sqlite_store)
    assert channel == "#house"
    assert lines(told(sqlite_store)[channel], "Action") == [
        "AI-1: 1 d left, cy (of the exercise EX-2026-0001)"
    ]


def test_more_than_ten_are_counted(sqlite_store: Store, tmp_path: Path) -> None:
    house = morning(sqlite_store, tmp_path)
    for _ in range(12):
        begin(house, YESTERDAY, "retail")
    assert send_digest(house, EIGHT) == 2
    shown = render_terminal("digest", told(sqlite_store)["#retail"])
    assert "Open incidents: 12" in shown
    assert "\u2026 and 2 more" in shown


def test_the_hour_is_the_environments_else_the_rosters_else_eight(
    sqlite_store: Store, tmp_path: Path
) -> None:
    house = morning(sqlite_store, tmp_path)
    begin(house, YESTERDAY, "retail")
    put_in_force(sqlite_store, shifts(*DAY_AND_NIGHT, digest_at="09:30"), YESTERDAY)
    assert send_digest(house, EIGHT) == 0
    assert send_digest(house, EIGHT + timedelta(minutes=89)) == 0
    off = house_on(sqlite_store, tmp_path, SEVENTYTWO_DIGEST_AT="")
    assert send_digest(off, EIGHT + DAY) == 0
    early = house_on(sqlite_store, tmp_path, SEVENTYTWO_DIGEST_AT="06:15")
    assert send_digest(early, EIGHT - timedelta(minutes=106)) == 0
    assert send_digest(early, EIGHT - timedelta(minutes=105)) == 2
    with pytest.raises(SetupFault, match="no time of day"):
        house_on(sqlite_store, tmp_path, SEVENTYTWO_DIGEST_AT="6 o'clock")
