"""The rules of what becomes of an alert, read once and asked for every alert.

rules = load_alert_rules(folders)
rules.grouping(view)             # which alerts it belongs with
rules.choose(view, of_source)    # which playbook it opens, how severe it counts
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from playbooks.alerts.choosing import ByCategory, Choice, Chooser, by_category, chosen
from playbooks.alerts.correlation import Correlator, Grouping, GroupKey, grouped
from playbooks.alerts.matching import Match, compile_match, folded
from playbooks.alerts.rule_files import Entry, read_entries
from playbooks.alerts.rule_models import CorrelationRule, PlaybookRule, SeverityRule
from playbooks.alerts.view import AlertView
from playbooks.errors import Fault

__all__ = [
    "AlertRules",
    "Choice",
    "GroupKey",
    "Grouping",
    "Match",
    "compile_match",
    "load_alert_rules",
]


@dataclass(frozen=True, slots=True)
class AlertRules:
    """Every rule in force, in order: the organisation's own first, the shipped ones last."""

    entries: tuple[Entry, ...]
    correlators: tuple[Correlator, ...]
    choosers: ByCategory
    raisers: ByCategory

    def grouping(self, view: AlertView) -> Grouping:
        """What the alert belongs with, once its playbook is chosen; the same for any order of its values."""
        return grouped(self.correlators, folded(view))

    def choose(self, view: AlertView, of_source: str = "") -> Choice:
        """The playbook and severity of an alert; `of_source` is the playbook set for its source, if any."""
        return chosen(self.choosers, self.raisers, folded(view), view.severity, of_source)

    def judge(self, view: AlertView, of_source: str = "") -> tuple[Choice, Grouping]:
        """Playbook and severity of an alert, and then what it belongs with: both at the price of one look."""
        alert = folded(view)
        choice = chosen(self.choosers, self.raisers, alert, view.severity, of_source)
        alert.playbook, alert.severity = choice.playbook.casefold(), choice.severity
        return choice, grouped(self.correlators, alert)

    def why(self, rule: str) -> str:
        """Why a correlation rule holds alerts together; empty for a rule that is no longer there."""
        return next((one.why for one in self.correlators if one.id == rule), "")

    def playbook_faults(self, known: Collection[str]) -> tuple[Fault, ...]:
        """A fault for each rule that names a playbook which is not among those known."""
        return tuple(
            entry.part.fault(("playbook",), f"there is no playbook `{rule.playbook}`", _near(rule, known))
            for entry, rule in self._choosing()
            if rule.playbook not in known
        )

    def _choosing(self) -> Iterator[tuple[Entry, PlaybookRule]]:
        for entry in self.entries:
            if isinstance(entry.rule, PlaybookRule):
                yield entry, entry.rule


def _near(rule: PlaybookRule, known: Collection[str]) -> str:
    near = get_close_matches(rule.playbook, known, n=1)
    return f"did you mean `{near[0]}`?" if near else "see `seventytwo playbook list`"


def load_alert_rules(folders: Sequence[Path] = ()) -> AlertRules:
    """The shipped rules and those of the folders, a later one replacing an earlier one of the same id.

    FileFaults lists all that is wrong in all files; `playbook_faults` tells which playbooks do not exist.
    """
    entries = read_entries(folders)
    rules = [entry.rule for entry in entries]
    return AlertRules(
        entries,
        tuple(Correlator.of(rule) for rule in rules if isinstance(rule, CorrelationRule)),
        by_category(Chooser.of(rule) for rule in rules if isinstance(rule, PlaybookRule)),
        by_category(Chooser.of(rule) for rule in rules if isinstance(rule, SeverityRule)),
    )
