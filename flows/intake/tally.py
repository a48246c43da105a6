"""What the door counts of its answers, for the metrics; kept in the process, not in the store."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from flows.intake.deliveries import Reply


@dataclass(slots=True)
class Tally:
    """Counts since the process started: results by kind, refusals by reason."""

    results: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)

    def refuse(self, reason: str) -> None:
        """Count a request that nothing is kept of."""
        self.refusals[reason] += 1

    def rehearse(self, alerts: int) -> None:
        """Count the alerts of a dry run, lest a tool that only rehearses goes unseen."""
        self.results["rehearsed"] += alerts

    def count(self, reply: Reply) -> None:
        """Count what became of a stored request."""
        if reply.status != 202:
            self.results[f"status_{reply.status}"] += 1
        for result in reply.body.get("results", ()):
            self.results[result["result"]] += 1
