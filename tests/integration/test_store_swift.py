"""Statements handed to the driver itself: asked among any number of values, on both databases."""

from __future__ import annotations

from flows.intake import rows
from store.database import Store
from store.swift import AT_ONCE
from store.tables import AlertGroup
from tests.harness.desks import NOON

MORE_THAN_ANY_TAKES = 70_000


def test_more_values_are_asked_among_than_a_statement_may_have(store: Store) -> None:
    asked = [str(number) for number in range(MORE_THAN_ANY_TAKES)]
    with store.writing() as session:
        for one in (asked[0], asked[AT_ONCE], asked[-1]):
            session.add(AlertGroup(digest=one, rule="r", began_at=NOON, last_at=NOON))
        session.flush()
        found = rows.groups_at(session.connection(), asked)
    assert [one.digest for one in found] == [asked[0], asked[AT_ONCE], asked[-1]]
