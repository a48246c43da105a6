"""From what was counted to findings: each rule asked of one sum or move. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from playbooks.access_watch.findings import Finding, Move, Sum
from playbooks.access_watch.geography import Places
from playbooks.access_watch.rules import (
    AfterHours,
    Bulk,
    Dormant,
    Leaver,
    NotAssigned,
    Privileged,
    Rule,
    Travel,
)

GRAVEST_FIRST = ("critical", "high", "medium", "low", "info")
_HOUR = timedelta(hours=1)


class Judge:
    """Asks the rules of one log."""

    def __init__(self, log: str, system: str) -> None:
        self._log, self._system = log, system

    def bulk(self, rule: Bulk, taken: Sum) -> Finding | None:
        """Whether more was taken in a stretch than is usual at most."""
        over = [
            (limit, seen, of)
            for of, limit, seen in (
                ("records", rule.records, taken.records),
                ("bytes", rule.bytes, taken.bytes),
            )
            if limit is not None and seen > limit
        ]
        if not over:
            return None
        within = _span(rule.within)
        return self._of_sum(
            rule,
            taken,
            title="Bulk access",
            expected=" and ".join(f"at most {limit:,} {of}" for limit, _, of in over) + f" within {within}",
            seen=" and ".join(f"{seen:,} {of}" for _, seen, of in over) + f" in {_accesses(taken.accesses)}",
            amount=max(seen * 100 // max(limit, 1) for limit, seen, _ in over),
        )

    def accesses(self, rule: AfterHours | NotAssigned | Privileged | Leaver, done: Sum) -> Finding | None:
        """Whether there were more accesses of a kind in one day than are usual at most."""
        if done.accesses <= rule.accesses:
            return None
        title, usual, what = _WORDS[rule.kind]
        return self._of_sum(
            rule,
            done,
            title=title,
            expected=f"at most {rule.accesses:,} {usual} in a day",
            seen=f"{_accesses(done.accesses)} {what}, {done.records:,} records",
            amount=done.accesses,
        )

    def travel(self, rule: Travel, move: Move, places: Places) -> Finding | None:
        """Whether nobody travels so far in the time between two accesses."""
        apart, time = places.kilometres(move.left, move.came), move.came_at - move.left_at
        if apart <= rule.kilometres or apart * _HOUR <= rule.kilometres_per_hour * time:
            return None
        return self._of_move(
            rule,
            move,
            title="Impossible travel",
            expected=f"at most {rule.kilometres_per_hour:,} km/h between places over {rule.kilometres:,} km",
            seen=f"{apart:,.0f} km from {move.left} to {move.came} in {_span(time)}",
        )

    def dormant(self, rule: Dormant, move: Move) -> Finding | None:
        """Whether an account is used again after having been out of use for longer than is usual."""
        if (unused := move.came_at - move.left_at) <= rule.unused_for:
            return None
        return self._of_move(
            rule,
            move,
            title="Dormant account in use",
            expected=f"an account that is used at least every {_span(rule.unused_for)}",
            seen=f"used again after {unused.days} days without any use",
        )

    def _of_sum(self, rule: Rule, of: Sum, *, title: str, **more: Any) -> Finding:
        counts = {"accesses": of.accesses, "records": of.records, "bytes": of.bytes}
        return self._finding(
            rule,
            title=title,
            since=of.begins,
            until=of.ends,
            first=of.first,
            account=of.account,
            accounts=of.accounts,
            client=of.client,
            clients=of.clients,
            counts=counts,
            **more,
        )

    def _of_move(self, rule: Rule, move: Move, **more: Any) -> Finding:
        return self._finding(
            rule, since=move.day, until=move.came_at, first=move.came_at, account=move.account, **more
        )

    def _finding(self, rule: Any, *, title: str, **more: Any) -> Finding:
        return Finding(
            log=self._log,
            system=self._system,
            rule=rule.id,
            kind=rule.kind,
            severity=rule.severity,
            category=rule.category,
            title=f"{title}: {more['seen']}, expected {more['expected']} ({self._system})",
            **more,
        )


_WORDS = {
    "after_hours": ("Access after hours", "outside the roster", "outside the roster"),
    "not_assigned": ("Access to a client not assigned", "to other clients", "to clients not assigned"),
    "privileged": ("Privileged use", "that are privileged", "that are privileged"),
    "leaver": ("A leaver's account in use", "after the last day", "after the last day"),
}
"""Of each kind: its title, what is usual at most in a day, and what was seen."""


def worst(findings: Iterator[Finding | None]) -> list[Finding]:
    """What was found, the gravest first, the oldest of equals before."""
    found = [one for one in findings if one is not None]
    return sorted(found, key=lambda one: (GRAVEST_FIRST.index(one.severity), one.since, one.identity))


def is_news(told: int | None, finding: Finding) -> bool:
    """Whether a finding is told: at first, again whenever it has doubled, and when it has ended."""
    return told is None or finding.status == "resolved" or finding.amount >= 2 * max(told, 1)


def is_recent(finding: Finding, now: datetime, oldest: timedelta) -> bool:
    """Whether a finding is young enough to be told; what is older was there before the watch began."""
    return finding.until > now - oldest


def _accesses(count: int) -> str:
    return f"{count:,} {'access' if count == 1 else 'accesses'}"


def _span(time: timedelta) -> str:
    minutes = int(time.total_seconds() // 60)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = (f"{days} d" if days else "", f"{hours} h" if hours else "", f"{rest} min" if rest else "")
    return " ".join(part for part in parts if part) or f"{int(time.total_seconds())} s"
