"""Incidents walked from alert to closure through the real engine."""

from __future__ import annotations

import pytest

from tests.harness.world import World

pytestmark = pytest.mark.prefect


def test_a_misdirected_message_is_walked_to_closure(world: World) -> None:
    world.raise_alert("misdirected-message")
    world.walk()
    assert world.state == "closed"
    assert world.history("duty_met")
