"""HIPAA from end to end: as a business associate who tells its client, and as a covered entity ourselves."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from flows.gathering import gather
from playbooks.shadow import Shadow, shadow_clocks
from store.database import Store
from tests.harness.law_walks import LawWalk, begin_law_walk, client, ours
from tests.harness.walks import START, stamp

ENTITY = ("hipaa_covered_entity",)
HEALTH = {"data_categories": ["health"], "jurisdictions": ["US"], "people_affected": "600"}
SIXTY_DAYS = datetime(2026, 5, 2, tzinfo=ZoneInfo("America/New_York"))
"""The exclusive end of the sixtieth day after 2 March 2026, that day not counted."""


def associate(store: Store, folder: Path) -> LawWalk:
    """An incident at us, who hold a clinic's records."""
    clinic = client("clinic", "processor", "US", status=ENTITY)
    us = ours("US", status=("hipaa_business_associate",))
    walk = begin_law_walk(store, folder, clinic, us, concerned=("clinic",))
    walk.triage(clients=["clinic"], our_role="processor", **HEALTH)
    return walk


def covered_entity(store: Store, folder: Path) -> LawWalk:
    """An incident at us, whose own patients' records are concerned."""
    walk = begin_law_walk(store, folder, ours("US", status=ENTITY), concerned=("ours",))
    walk.triage(clients=["ours"], our_role="controller", **HEALTH)
    assert not walk.answer("hipaa-factors", low_probability="no")
    assert not walk.answer("disable-account")
    assert not walk.answer("restrict-circle")
    assert not walk.answer("close-route")
    walk.approve()
    assert not walk.answer("name-accounts")
    while walk.is_asked("action"):  # the reconstruction, and the scope proposed from it
        walk.settle(walk.asked("action"))
    assert not walk.answer(
        "establish-scope", encrypted="no", people_affected="600", data_categories=["health"]
    )
    return walk


def shadows(walk: LawWalk) -> dict[str, Shadow]:
    """The clinic's own clocks by rule, as we see them."""
    told = {one.case_ref: one.met_at for one in walk.duties() if one.rule_id == "US-HIPAA-410" and one.met_at}
    with walk.house.store.reading() as session:
        known = gather(session, walk._incident(session).id or 0)
    found = shadow_clocks(walk.house.rules.values(), known.view, ["A"], told, walk.now)
    return {one.rule.id: one for one in found}


def test_a_business_associate_tells_its_client_whose_own_clocks_are_shown(
    sqlite_store: Store, tmp_path: Path
) -> None:
    walk = associate(sqlite_store, tmp_path)
    duty = walk.duty("US-HIPAA-410", "A")
    assert (duty.state, duty.due_at, duty.stage) == ("presumed", SIXTY_DAYS, "initial")
    assert not walk.is_asked("data_subjects"), "whom the client must tell is the client's"
    walk.tell("tell-client")
    duty = walk.duty("US-HIPAA-410", "A")
    assert (duty.state, walk.duty("CONTRACT", "A").state) == ("met", "met")
    theirs = shadows(walk)["US-HIPAA-404"]
    assert (theirs.starts, theirs.due.due_at) == ("imputed", SIXTY_DAYS)
    assert duty.met_at is not None
    assert theirs.used == duty.met_at - START


def test_a_covered_entity_is_asked_to_tell_people_media_and_the_authority_beside_the_plan(
    sqlite_store: Store, tmp_path: Path
) -> None:
    walk = covered_entity(sqlite_store, tmp_path)
    for rule in ("US-HIPAA-404", "US-HIPAA-406", "US-HIPAA-408b"):
        duty = walk.duty(rule, "A")
        assert (duty.state, duty.due_at) == ("owed", SIXTY_DAYS), rule
    assert all(one.rule_id != "US-HIPAA-408c" or one.state == "not_owed" for one in walk.duties())
    steps = ["data_subjects", "media", "health_authority"]
    assert {walk.asked(step).role for step in steps} == {"privacy"}
    for step in steps:
        while walk.is_asked(step):  # the laws of the states are told apart
            walk.tell(step)
    rules = ("US-HIPAA-404", "US-HIPAA-406", "US-HIPAA-408b")
    assert {walk.duty(rule, "A").state for rule in rules} == {"met"}
    assert not any(walk.is_asked(step) for step in steps)
    assert walk.review() == 0, "what was told is not asked again"


def test_law_enforcement_delays_by_word_of_mouth_for_thirty_days_at_most(
    sqlite_store: Store, tmp_path: Path
) -> None:
    walk = covered_entity(sqlite_store, tmp_path)
    walk.later(timedelta(days=50))
    asked = {"about": "US-HIPAA-404", "at": stamp(walk.now), "basis": "oral statement, case 4711"}
    refused = walk.command("delay", **asked, until=stamp(walk.now + timedelta(days=31)))
    assert "30 days" in refused
    until = (walk.now + timedelta(days=30)).replace(microsecond=0)
    assert not walk.command("delay", **asked, until=stamp(until))
    assert walk.duty("US-HIPAA-404", "A").due_at == SIXTY_DAYS, "one word delays nothing"
    walk.approve()
    duty = walk.duty("US-HIPAA-404", "A")
    assert (duty.due_at, duty.delayed_until, duty.delay_basis) == (until, until, "oral statement, case 4711")
    moved = walk.ledger(duty)[-1]
    assert (moved.kind, moved.due_at) == ("moved", until)
    assert "2026-05-02T04:00Z" in moved.explanation, "the original deadline stays readable"
    assert walk.duty("US-HIPAA-406", "A").due_at == SIXTY_DAYS
    assert walk.steps("tell-data-subjects-us")[-1].state == "withdrawn", "nobody is pressed to tell meanwhile"
    walk.later(timedelta(days=20))
    assert walk.review() == 0
    assert not [one for one in walk.history("clock_warned") if is_overdue(one.payload, "US-HIPAA-404")]
    walk.later(timedelta(days=9, hours=1))
    walk.review()
    assert walk.steps("tell-data-subjects-us")[-1].state == "open", "a day before the delay ends"
    walk.later(timedelta(days=2))
    assert [one for one in walk.history("clock_warned") if is_overdue(one.payload, "US-HIPAA-404")]


def test_a_written_statement_delays_for_the_time_it_names_and_other_duties_not_at_all(
    sqlite_store: Store, tmp_path: Path
) -> None:
    walk = covered_entity(sqlite_store, tmp_path)
    late = stamp(walk.now + timedelta(days=100))
    assert not walk.command(
        "delay", about="US-HIPAA-404", until=late, basis="written: statement of the office"
    )
    refused = walk.command("delay", about="US-HIPAA-408c", until=late, basis="written: statement")
    assert "name a running duty" in refused


def is_overdue(payload: dict[str, object] | None, rule: str) -> bool:
    return payload is not None and (payload["rule"], payload["threshold"]) == (rule, "overdue")


def test_a_presumed_duty_waits_for_the_answer_that_decides_it_but_not_beyond_half_its_time(
    sqlite_store: Store, tmp_path: Path
) -> None:
    walk = begin_law_walk(sqlite_store, tmp_path, ours("US", status=ENTITY), concerned=("ours",))
    walk.triage(clients=["ours"], our_role="controller", **HEALTH)
    assert not walk.answer("hipaa-factors", low_probability="no")
    assert walk.duty("US-HIPAA-404", "A").state == "presumed", "whether it was encrypted is still asked"
    assert not walk.steps("tell-data-subjects-us")
    walk.later(timedelta(days=29))
    walk.review()
    assert not walk.steps("tell-data-subjects-us")
    walk.later(timedelta(days=3))
    walk.review()
    assert [row.state for row in walk.steps("tell-data-subjects-us")] == ["open"]
