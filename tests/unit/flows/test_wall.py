"""The rows of the wall: order, standing, words, and what the ledger had at an earlier instant."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from flows.describing import inert
from flows.wall.artifact import SHOWN, table_of
from flows.wall.as_json import walls_as_json
from flows.wall.rows import ClockMaterial, clock_rows
from notify.moments import elsewhere, in_utc, in_zone
from notify.wall_view import ClockRow, Wall
from playbooks.facts import FactView
from playbooks.places import UTC_PLACE
from playbooks.rulebook import load_rules
from playbooks.shadow import shadow_clocks
from store.tables import ClockEntry, Obligation

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
RULES = load_rules()


def duty(number: int, due: float | None, **more: Any) -> Obligation:
    """A duty due so many hours from now."""
    given = {
        "rule_id": f"RULE-{number}", "rule_version": "1", "title": "A title", "citation": "An act",
        "recipient": "supervisory_authority", "state": "owed", "opened_at": NOW - 100 * HOUR,
        "anchor_at": NOW - 72 * HOUR, "due_at": None if due is None else NOW + due * HOUR,
    }  # fmt: skip
    return Obligation(id=number, incident_id=1, **(given | more))


def entry(seq: int, hours: float, **more: Any) -> ClockEntry:
    """A ledger entry written so many hours from now."""
    given = {
        "obligation_id": 1, "kind": "moved", "state": "owed", "author": "x", "explanation": f"entry {seq}",
        "rule_version": "1", "tzdata": "2026.1", "holidays": "0.1", "at": NOW + hours * HOUR,
        "recorded_at": NOW + hours * HOUR,
    }  # fmt: skip
    return ClockEntry(seq=seq, **(given | more))


def rows(
    duties: Sequence[Obligation],
    ledger: Mapping[int | None, Sequence[ClockEntry]] | None = None,
    at: datetime = NOW,
) -> tuple[ClockRow, ...]:
    return clock_rows(
        ClockMaterial("INC-2026-0001", at, duties, ledger or {}, RULES, {"A": "Asia/Manila"}, ())
    )


def wall(*found: ClockRow) -> Wall:
    return Wall("INC-2026-0001", is_exercise=False, state="open", now=NOW, entry=7, rows=found)


def test_what_is_overdue_comes_first_then_by_due_then_what_has_no_number_then_what_is_done() -> None:
    found = rows(
        [
            duty(1, 5, state="met", met_at=NOW - HOUR),
            duty(2, None),
            duty(3, 30),
            duty(4, 2),
            duty(5, -1),
            duty(6, -20),
            duty(7, 1, state="waived"),
        ]
    )
    assert [row.rule[-1] for row in found] == list("6543217")
    assert [row.standing for row in found] == [
        "overdue", "overdue", "due_soon", "on_track", "not_computable", "met", "waived"
    ]  # fmt: skip
    assert found[0].headline == "OVERDUE by 20 h"
    assert found[2].headline == "2 h left"


def test_a_duty_that_a_law_lets_wait_is_not_called_overdue() -> None:
    row = rows([duty(1, 1, delayed_until=NOW + HOUR)])[0]
    assert (row.standing, row.headline) == ("delayed", "may wait by law, 1 h left")
    assert "lawfully delayed until Mon 23 Nov 2026 10:30Z" in row.remarks
    over = rows([duty(1, -2, delayed_until=NOW - HOUR)])[0]
    assert over.standing == "overdue"


def test_a_past_instant_shows_what_the_ledger_had_then() -> None:
    moved = duty(1, 10, state="met", met_at=NOW - HOUR, opened_at=NOW - 50 * HOUR)
    ledger = {
        1: [entry(1, -50, state="presumed", due_at=NOW - 30 * HOUR), entry(2, -20, due_at=NOW + 10 * HOUR)]
    }
    then = rows([moved], ledger, NOW - 25 * HOUR)[0]
    assert (then.state, then.standing, then.due_at, then.met_at) == (
        "presumed", "overdue", NOW - 30 * HOUR, None
    )  # fmt: skip
    later = rows([moved], ledger, NOW - 10 * HOUR)[0]
    assert (later.state, later.due_at, later.met_at) == ("owed", NOW + 10 * HOUR, None)
    assert rows([moved], ledger)[0].standing == "met"
    assert rows([moved], ledger, NOW - 60 * HOUR) == ()


def test_a_future_instant_shows_what_will_be_overdue() -> None:
    assert rows([duty(1, 10)], at=NOW + 12 * HOUR)[0].headline == "OVERDUE by 2 h"


def test_a_duty_without_a_start_says_what_is_missing() -> None:
    ledger = {1: [entry(1, -1, explanation="not computable: nobody has stated classified_at yet")]}
    row = rows([duty(1, None)], ledger)[0]
    assert (row.no_number, row.headline) == ("nobody has stated classified_at yet", "no deadline yet")
    assert row.times("Europe/Berlin") == ()


def test_a_row_tells_policy_stub_and_the_laws_own_count() -> None:
    stub = next(rule for rule in RULES.values() if rule.stub and rule.has_clock)
    given = duty(
        1,
        5,
        policy=True,
        legal_due_at=NOW + 6 * HOUR,
        rule_id=stub.id,
        rule_version=stub.version,
        case_ref="A",
    )
    row = rows([given])[0]
    assert row.remarks == (
        "policy, not law",
        "the law's own count ends Mon 23 Nov 2026 15:30Z",
        "this rule is a stub: confirm the law before you rely on it",
    )
    assert row.evidence == stub.evidence
    assert row.times("Europe/Berlin") == (
        "Mon 23 Nov 2026 14:30Z", "Mon 23 Nov 22:30 Asia/Manila", "Mon 23 Nov 15:30 Europe/Berlin"
    )  # fmt: skip


def test_a_row_names_the_authority_that_the_law_names() -> None:
    rule = next(rule for rule in RULES.values() if rule.id == "IN-CERTIN-6H")
    given = {"recipient": rule.recipient, "addressee": rule.addressee, "rule_version": rule.version}
    lost, named = rows([duty(1, 5, rule_id=rule.id, **given), duty(2, 4, **given)])
    assert named.recipient == "CSIRT or competent authority (CERT-In)"
    assert lost.recipient == "CSIRT or competent authority"


def test_midnight_is_the_end_of_the_day_it_ends_and_no_zone_is_shown_twice() -> None:
    at = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)
    assert in_zone(at, "Europe/Berlin") == "Mon 23 Nov 24:00 Europe/Berlin"
    assert in_utc(at) == "Mon 23 Nov 2026 23:00Z"
    assert elsewhere(at, "UTC", "", "Asia/Manila", "Asia/Manila") == ("Tue 24 Nov 07:00 Asia/Manila",)


def test_the_clients_clocks_stand_apart_say_what_starts_them_and_what_we_have_used() -> None:
    facts: dict[str, Any] = {
        "our_role": "processor", "personal_data": True, "jurisdictions": frozenset({"EU"}),
        "aware_at": NOW - 20 * HOUR, "risk": "likely",
    }  # fmt: skip
    view, book = FactView(facts, {"A": {}}), [r for r in RULES.values() if r.id == "EU-GDPR-33-1"]

    def shadows(told: dict[str, datetime]) -> tuple[ClockRow, ...]:
        found = shadow_clocks(book, view, ("A",), told, NOW, places={"A": UTC_PLACE})
        given = ClockMaterial("INC-2026-0001", NOW, [duty(1, 90)], {}, RULES, {"A": "Asia/Manila"}, found)
        return clock_rows(given)

    ours, waiting = shadows({})
    assert (ours.is_shadow, waiting.is_shadow) == (False, True)
    assert (waiting.due_at, waiting.no_number) == (None, "it starts when we tell the client")
    assert waiting.used == 20 * HOUR
    assert [why for why, _ in wall(ours, waiting).waiting_shadows] == ["it starts when we tell the client"]
    _, runs = shadows({"A": NOW - 8 * HOUR})
    assert (runs.due_at, runs.started_by, runs.used) == (NOW + 64 * HOUR, "our notice", 12 * HOUR)
    assert wall(ours, runs).shadows == (runs,)


def test_json_has_instants_in_utc_lengths_in_seconds_and_null_for_nothing() -> None:
    found = wall(*rows([duty(1, -1.5, case_ref="A"), duty(2, None)]))
    told = json.loads(json.dumps(walls_as_json([found], "Europe/Berlin")))
    first, second = told["clocks"]
    assert (first["due_at"], first["seconds_left"], first["case"]) == ("2026-11-23T08:00Z", -5400, "A")
    assert first["due_local"] == "2026-11-23T09:00:00+01:00"
    assert first["due_client"] == "2026-11-23T16:00:00+08:00"
    assert (second["due_at"], second["seconds_left"], second["case"], second["due_client"]) == (None,) * 4
    assert told["incidents"] == [
        {"ref": "INC-2026-0001", "state": "open", "exercise": False, "now": "2026-11-23T09:30Z"}
    ]
    assert {"tzdata", "holidays", "zone"} <= told.keys()


def test_the_table_on_a_run_holds_so_many_clocks_and_says_how_many_more_there_are() -> None:
    table = table_of(wall(*rows([duty(number, number) for number in range(1, SHOWN + 4)])), "Europe/Berlin")
    assert len(table) == SHOWN + 1
    assert table[0]["stands"] == "1 h left"
    assert table[-1]["stands"] == "and 3 more"
    assert all(row.keys() == table[0].keys() for row in table)
    assert table_of(wall(), "UTC") == []


def test_words_of_others_in_a_form_render_as_themselves() -> None:
    assert inert("nobody has *stated* [x](y)\nyet") == r"nobody has \*stated\* \[x\]\(y\) yet"
