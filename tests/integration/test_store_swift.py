"""Statements handed to the driver itself: asked among any number of values, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import func, select

from flows.intake import rows
from store.database import Store
from store.swift import AT_ONCE, ROWS, together
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


def a_group(digest: str) -> tuple[object, ...]:
    return digest, "r", None, 1, NOON, NOON


def keep_one_twice(store: Store) -> None:
    with store.writing() as session:
        connection = session.connection()
        with together(connection):
            rows.INSERT_GROUP.many(connection, [a_group("a"), a_group("a")])
            rows.INSERT_REPLY.many(connection, [("digest", {"status": 202}, NOON)])


def groups_in(store: Store) -> int:
    with store.reading() as session:
        return session.exec(select(func.count()).select_from(AlertGroup)).one()


def test_more_rows_are_kept_than_one_statement_takes(store: Store) -> None:
    given = [a_group(str(number)) for number in range(2 * ROWS + 1)]
    with store.writing() as session:
        rows.INSERT_GROUP.many(session.connection(), given)
    assert groups_in(store) == len(given)
    with store.reading() as session:
        assert {one.began_at for one in session.exec(select(AlertGroup))} == {NOON}


def test_what_breaks_a_rule_among_statements_sent_together_is_told_as_such_and_nothing_is_kept(
    store: Store,
) -> None:
    with pytest.raises(IntegrityError):
        keep_one_twice(store)
    assert groups_in(store) == 0
