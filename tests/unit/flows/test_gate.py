"""Whether an answer may count: the first thing that is wrong with it, in words for its giver."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from flows.gate import Asked, Claimant, Proof, fault_of, is_identity_fault

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
RIGHT = Proof(counter=7, spent=False)
WRONG = Proof(counter=None, spent=False)


def asked(**more: object) -> Asked:
    usual: dict[str, object] = {
        "role": "it",
        "assignee": "",
        "excluded": frozenset(),
        "clients": frozenset(),
        "is_exercise": False,
    }
    return Asked(**(usual | more))  # type: ignore[arg-type]


def claimant(**more: object) -> Claimant:
    usual = {
        "handle": "it-1",
        "roles": frozenset({"it"}),
        "clients": frozenset(),
        "disabled": False,
        "short_code": False,
    }
    return Claimant(**(usual | more))  # type: ignore[arg-type]


def test_whoever_holds_the_role_and_gives_a_right_code_may_answer() -> None:
    assert fault_of(asked(), claimant(), RIGHT, [], NOON) is None


@pytest.mark.parametrize(
    ("who", "proof"),
    [(None, WRONG), (claimant(), WRONG), (claimant(disabled=True), RIGHT)],
    ids=["unknown", "wrong code", "disabled"],
)
def test_an_unknown_a_disabled_and_a_mistaken_responder_hear_the_same(
    who: Claimant | None, proof: Proof
) -> None:
    fault = fault_of(asked(), who, proof, [], NOON)
    assert fault is not None
    assert fault.startswith("the code does not fit this responder")
    assert is_identity_fault(who, proof)


def test_a_right_but_spent_code_is_no_fault_of_identity() -> None:
    spent = Proof(counter=7, spent=True)
    assert (
        fault_of(asked(), claimant(), spent, [], NOON) == "that code is already used: wait for the next one"
    )
    assert not is_identity_fault(claimant(), spent)


@pytest.mark.parametrize(("wrong", "seconds"), [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (50, 60)])
def test_wrong_codes_slow_a_responder_down_doubling_up_to_a_minute(wrong: int, seconds: int) -> None:
    refused = [NOON - timedelta(hours=1)] * (wrong - 1) + [NOON]
    early = NOON + timedelta(seconds=seconds - 1)
    assert fault_of(asked(), claimant(), RIGHT, refused, early) == (
        "too many wrong codes: wait 1 s after the last one, then answer again"
    )
    assert fault_of(asked(), claimant(), RIGHT, refused, NOON + timedelta(seconds=seconds)) is None


def test_a_short_code_counts_in_exercises_only() -> None:
    hasty = claimant(short_code=True)
    assert fault_of(asked(), hasty, RIGHT, [], NOON) == "this responder is enrolled for exercises only"
    assert fault_of(asked(is_exercise=True), hasty, RIGHT, [], NOON) is None


@pytest.mark.parametrize(
    ("question", "who", "fault"),
    [
        (asked(excluded=frozenset({"it-1"})), claimant(), "a second person must decide this"),
        (asked(assignee="it-2"), claimant(), "this question is assigned to it-2"),
        (asked(role="privacy"), claimant(), "this question is for the role privacy"),
        (
            asked(clients=frozenset({"client-7"})),
            claimant(clients=frozenset({"client-8"})),
            "clients whom you may not see",
        ),
    ],
    ids=["own work", "another's", "role", "client"],
)
def test_a_right_code_alone_entitles_nobody(question: Asked, who: Claimant, fault: str) -> None:
    told = fault_of(question, who, RIGHT, [], NOON)
    assert told is not None
    assert fault in told
    assert not is_identity_fault(who, RIGHT)


@pytest.mark.parametrize("clients", [frozenset(), frozenset({"client-7", "client-8"})], ids=["all", "some"])
def test_a_case_is_open_to_whoever_may_see_its_client(clients: frozenset[str]) -> None:
    assert (
        fault_of(asked(clients=frozenset({"client-7"})), claimant(clients=clients), RIGHT, [], NOON) is None
    )


def test_the_one_a_question_is_assigned_to_still_needs_its_role() -> None:
    assert fault_of(asked(assignee="it-1", role="privacy"), claimant(), RIGHT, [], NOON) is not None
