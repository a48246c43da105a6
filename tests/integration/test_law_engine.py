"""NIS2 through the real engine: forms, codes, runs and messages, from early warning to final report."""

from __future__ import annotations

import pytest
from sqlmodel import col, select

from store.tables import Client, Obligation
from tests.harness.world import World

pytestmark = pytest.mark.prefect

AUTHORITY = "tell-csirt-or-competent-authority-eu"
WARNING, NOTIFICATION, FINAL = "EU-NIS2-23-4a", "EU-NIS2-23-4b", "EU-NIS2-23-4d"


def duty(world: World, rule: str) -> Obligation:
    return next(one for one in world.duties() if (one.rule_id, one.case_ref) == (rule, ""))


def tell(world: World) -> None:
    """Write the notice that the law asks for, and let a second person release it."""
    draft = world.answer(AUTHORITY)
    release = next(one for one in world.open("release") if one.step_row_id == draft.step_row_id)
    world.answer(release.ref)


def test_an_important_entity_is_led_from_its_early_warning_to_its_final_report(world: World) -> None:
    with world.store.writing() as session:
        us = session.exec(select(Client).where(col(Client.own))).one()
        us.status = ["nis2_entity"]
        session.add(us)
    world.raise_alert()
    assert duty(world, WARNING).state == "presumed"
    world.answer("confirm-misdirection")
    world.answer("keep-message")
    world.answer("triage", clients=["client-7"], significant_incident="yes")
    assert (duty(world, WARNING).state, duty(world, FINAL).due_at) == ("owed", None)
    assert "(early warning)" in world.question(AUTHORITY).title
    tell(world)
    assert (duty(world, WARNING).state, duty(world, NOTIFICATION).state) == ("met", "owed")
    world.fast_forward(hours=30)
    tell(world)
    submitted = duty(world, NOTIFICATION).met_at
    final = duty(world, FINAL)
    assert final.anchor_at == submitted is not None
    assert final.due_at is not None
    assert 28 <= (final.due_at - submitted).days <= 31
    world.answer("stop-repeat")
    world.answer("approval")
    assert "(final)" in world.question(AUTHORITY).title
    tell(world)
    assert duty(world, FINAL).state == "met"
    world.slack.expect("csirt or competent authority")
