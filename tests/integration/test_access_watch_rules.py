"""Each rule of the watch at its edges, by everybody's own clocks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.harness.access_watch import BULK, HEAD, Watched, row


def test_exactly_as_much_as_is_usual_is_usual(watched: Watched) -> None:
    watched.write(row("2026-03-04T10:00:00Z", n=100), row("2026-03-04T11:00:00Z", n=1))
    assert watched.found() == []


RULES = """
settings: {{zone: UTC, {settings}}}
rules:
  - {{id: hours, kind: after_hours, accesses: 1}}
  - {{id: clients, kind: not_assigned}}
  - {{id: travel, kind: impossible_travel, kilometres: 500, kilometres_per_hour: 900}}
  - {{id: dormant, kind: dormant, unused_for: 30d}}
  - {{id: power, kind: privileged, actions: [export]}}
  - {{id: left, kind: leaver}}
rosters:
  - {{id: day, zone: Europe/Warsaw, begins: "08:00", ends: "16:00", days_off: [2026-03-03]}}
  - {{id: night, zone: Asia/Manila, days: [mon, tue], begins: "22:00", ends: "06:00"}}
people:
  - {{accounts: [day-1], roster: day, clients: [ours]}}
  - {{accounts: [night-1], roster: night}}
  - {{accounts: [admin-1], roster: day, privileged: admin}}
  - {{accounts: [glass-1], privileged: break_glass}}
  - {{accounts: [left-1], zone: America/New_York, leaves_on: 2026-03-02}}
networks:
  - {{place: Warsaw, networks: [192.0.2.0/25], latitude: 52.2, longitude: 21.0}}
  - {{place: Manila, networks: [192.0.2.128/25], latitude: 14.6, longitude: 121.0}}
"""
ALL_RULES = RULES.format(settings="oldest: 60d")


@pytest.mark.parametrize(
    ("user", "inside", "outside"),
    [
        ("day-1", "2026-03-04T07:00:00Z", "2026-03-04T06:59:59Z"),  # 08:00 in Warsaw, and a second before
        ("day-1", "2026-03-04T14:59:59Z", "2026-03-04T15:00:00Z"),
        ("day-1", "2026-03-30T06:00:00Z", "2026-03-30T05:59:59Z"),  # summer time since the day before
        ("day-1", "2026-03-02T10:00:00Z", "2026-03-03T10:00:00Z"),  # a day off
        ("day-1", "2026-03-06T10:00:00Z", "2026-03-07T10:00:00Z"),  # a Saturday
        ("night-1", "2026-03-03T21:59:59Z", "2026-03-03T22:00:00Z"),  # Tuesday's shift ends on Wednesday
        ("night-1", "2026-03-02T14:00:00Z", "2026-03-02T13:59:59Z"),
        ("night-1", "2026-03-02T15:59:00Z", "2026-03-01T15:00:00Z"),  # Sunday night is nobody's shift
    ],
)
def test_hours_are_those_of_the_persons_own_roster(
    watched: Watched, user: str, inside: str, outside: str
) -> None:
    watched.rules(ALL_RULES)
    watched.write(row(inside, user), row(inside, user), row(outside, user), head=HEAD)
    now = datetime(2026, 4, 1, tzinfo=UTC)
    assert watched.found(now) == []
    watched.append(row(outside, user))
    assert [(rule, who) for rule, who, _ in watched.found(now)] == [("hours", [user])]


def test_two_accesses_after_hours_say_what_was_expected_and_seen(watched: Watched) -> None:
    watched.rules(ALL_RULES)
    watched.write(*[row("2026-03-04T05:00:00Z", "day-1", n=4)] * 2)
    (alert,) = watched.run().findings
    assert (alert["expected"], alert["seen"]) == (
        "at most 1 outside the roster in a day",
        "2 accesses outside the roster, 8 records",
    )
    assert (alert["since"], alert["counts"]["accesses"]) == ("2026-03-03T23:00:00+00:00", 2)


@pytest.mark.parametrize(
    ("rows", "rule", "seen"),
    [
        (
            [row("2026-03-04T10:00:00Z", "DAY-1", client="theirs")],
            "clients",
            "1 access to clients not assigned",
        ),
        ([row("2026-03-04T10:00:00Z", "agent-7", verb="EXPORT")], "power", "1 access that are privileged"),
        ([row("2026-03-04T10:00:00Z", "glass-1")], "power", "1 access that are privileged"),
        ([row("2026-03-04T05:00:00Z", "admin-1", verb="export")], "power", "1 access that are privileged"),
        ([row("2026-03-03T05:00:00Z", "left-1")], "left", "1 access after the last day"),
        ([row("2026-01-31T00:00:00Z"), row("2026-03-02T00:00:01Z")], "dormant", "used again after 30 days"),
        (
            [row("2026-03-04T08:00:00Z", ip="192.0.2.1"), row("2026-03-04T18:00:00Z", ip="192.0.2.200")],
            "travel",
            "9,3",
        ),
    ],
)
def test_each_rule_tells_one_over_its_limit(watched: Watched, rows: list[str], rule: str, seen: str) -> None:
    watched.rules(ALL_RULES)
    watched.write(*rows)
    ((found, _, said),) = watched.found()
    assert found == rule
    assert said.startswith(seen)


@pytest.mark.parametrize(
    "rows",
    [
        [
            row("2026-03-04T10:00:00Z", "day-1", client="ours"),
            row("2026-03-04T10:00:00Z", "day-1", client=""),
        ],
        [row("2026-03-04T10:00:00Z", "agent-7", client="theirs")],  # nobody said whose clients these are
        [row("2026-03-04T10:00:00Z", "admin-1", verb="export")],  # within the admin's hours
        [row("2026-03-03T04:59:59Z", "left-1")],  # the last second of the last day in New York
        [row("2026-01-31T00:00:00Z"), row("2026-03-02T00:00:00Z")],  # exactly thirty days
        [row("2026-03-04T08:00:00Z", ip="192.0.2.1"), row("2026-03-04T19:00:00Z", ip="192.0.2.200")],
        [row("2026-03-04T08:00:00Z", ip="192.0.2.1"), row("2026-03-04T08:00:01Z", ip="203.0.113.9")],
    ],
)
def test_what_is_usual_is_not_told(watched: Watched, rows: list[str]) -> None:
    watched.rules(ALL_RULES)
    watched.write(*rows)
    assert watched.found() == []


def test_bulk_is_counted_by_client_and_by_both(watched: Watched) -> None:
    watched.rules(
        "rules:\n  - {id: both, kind: bulk, by: [account, client], records: 10}\n"
        "  - {id: whole, kind: bulk, by: [client], records: 20, within: 1d, severity: critical}\n"
    )
    watched.write(
        row("2026-03-04T08:00:00Z", "a", 11),
        row("2026-03-04T09:00:00Z", "b", 10),
        row("2026-03-04T09:00:00Z", "a", 10, "x"),
    )
    found = [(one["rule"], one["accounts"], one["clients"]) for one in watched.run().findings]
    assert found == [("whole", ["a", "b"], ["ours"]), ("both", ["a"], ["ours"])]


def test_an_hour_that_clocks_show_twice_is_two_stretches(watched: Watched) -> None:
    watched.rules("settings: {zone: Europe/Warsaw}\n" + BULK)
    watched.write(row("2026-10-25T00:30:00Z", n=60), row("2026-10-25T01:30:00Z", n=60))  # 02:30, 02:30
    now = datetime(2026, 10, 26, tzinfo=UTC)
    assert watched.found(now) == []
    watched.append(row("2026-10-25T00:31:00Z", n=41))
    assert len(watched.found(now)) == 1


def test_moves_and_dormant_accounts_are_seen_across_runs(watched: Watched) -> None:
    watched.rules(ALL_RULES)
    watched.write(row("2026-01-15T08:00:00Z", "old"), row("2026-03-04T08:00:00Z", ip="192.0.2.1"))
    assert watched.found() == []
    watched.append(row("2026-03-04T08:30:00Z", ip="192.0.2.200"), row("2026-03-04T08:30:00Z", "old"))
    assert sorted(rule for rule, *_ in watched.found()) == ["dormant", "travel"]
    assert watched.found() == []
