"""Decisions that take two people, and what must come before an end."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import select

from flows.specs import holders_of
from store.tables import Notice, Obligation
from tests.harness.world import World

pytestmark = pytest.mark.prefect


def triaged(world: World, **fields: Any) -> None:
    """Bring an incident through detection and triage."""
    world.answer("confirm-misdirection")
    world.answer("keep-message")
    world.answer("triage", **fields)


def owed(world: World, rule: str) -> Obligation:
    return next(duty for duty in world.duties() if duty.rule_id == rule and duty.case_ref)


def notices(world: World) -> list[Notice]:
    with world.store.reading() as session:
        return list(session.exec(select(Notice).order_by(Notice.version)))  # type: ignore[arg-type]


def test_a_real_notice_is_released_by_a_second_person_and_proved_before_its_duty_is_met(world: World) -> None:
    with world.store.writing() as session:
        world.cast.enrol(session, "both-1", "client_lead", "approver")
        world.cast.enrol(session, "hasty-1", "it", period=1)
    world.raise_alert(real=True)
    with world.store.reading() as session:
        assert "hasty-1" not in holders_of(session, "it"), "enrolled for exercises only"
    triaged(world, clients=["client-7"])
    assert world.answer("tell-client", "both-1").state == "answered"
    own = world.answer("release", "both-1")
    assert own.fault == "a second person must decide this: somebody else with the role has to answer"
    assert world.answer("release").state == "answered"
    assert owed(world, "EU-GDPR-33-2").state == "owed", "released is not yet told"
    assert [notice.state for notice in notices(world)] == ["approved"]
    asked = world.answer("proof", accepted_at="2099-01-01T00:00Z")
    assert "in the future" in asked.fault
    assert world.answer("proof").state == "answered"
    assert owed(world, "EU-GDPR-33-2").state == "met"
    assert [notice.state for notice in notices(world)] == ["accepted"]
    world.slack.expect("client controller")


def test_a_notice_that_was_refused_is_written_anew_and_asked_for_again(world: World) -> None:
    world.raise_alert()
    triaged(world, clients=["client-7"])
    world.answer("tell-client")
    world.answer("release", decision="refuse", reason="The number is missing.")
    assert "refused: The number is missing." in world.question("tell-client").fault
    world.answer("tell-client", nature="Forty letters went to another address.")
    world.answer("release")
    assert [notice.state for notice in notices(world)] == ["superseded", "accepted"]
    assert owed(world, "EU-GDPR-33-2").state == "met", "in an exercise a sink takes it"


def test_a_false_positive_takes_two_people(world: World) -> None:
    with world.store.writing() as session:
        world.cast.enrol(session, "both-1", "commander", "approver")
    world.raise_alert()
    world.answer("command", "both-1", decision="false_positive", reason="A drill of the mail team.")
    assert world.state == "open"
    assert "a second person" in world.answer("approval", "both-1").fault
    assert world.answer("approval", decision="refuse", reason="Show me the drill.").state == "answered"
    assert world.state == "open"
    world.answer("command", decision="false_positive", reason="Here is the order of the drill.")
    assert world.answer("approval").state == "answered"
    assert world.state == "false_positive"
    assert world.open() == []
    assert {duty.state for duty in world.duties()} == {"waived"}


def test_closing_is_refused_while_work_is_open(world: World) -> None:
    world.raise_alert()
    asked = world.answer("command")
    assert asked.state == "open"
    assert asked.fault.startswith("not yet: ")
    assert "Keep the message" in asked.fault
    assert world.state == "open"


def test_deciding_that_nobody_is_told_takes_two_people_and_ends_the_duty_with_both_names(
    world: World,
) -> None:
    world.raise_alert()
    triaged(world, clients=["client-7"])
    world.answer(
        "tell-client", "client-lead-1", decision="do_not_notify", reason="It was our own test record."
    )
    assert owed(world, "EU-GDPR-33-2").state == "owed"
    assert world.answer("approval", "approver-1").state == "answered"
    duty = owed(world, "EU-GDPR-33-2")
    assert duty.state == "waived"
    assert "client-lead-1 and approver-1: It was our own test record." in duty.why
