"""Every shipped rule can be asked of the calculator."""

from __future__ import annotations

from datetime import UTC, date, datetime

from flows.calculator import Asked, compute
from playbooks.law import Rule
from playbooks.rulebook import load_rules, load_versions

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
RULES = load_rules()


def asked(rule: Rule) -> Asked:
    """The rule with every event that starts it, in a year in which it is law."""
    day = max(rule.in_force_from or date(2026, 3, 2), date(2026, 3, 2)).replace(day=17)
    if rule.in_force_until is not None:
        day = rule.in_force_until.replace(year=rule.in_force_until.year - 1)
    return Asked(rule.key, tuple(f"{limb[-1]}={day}T10:23:00Z" for limb in rule.limbs))


def test_the_files_that_mention_a_rule_hold_all_its_versions() -> None:
    for name in {rule.id for rule in RULES.values()}:
        versions = {rule.key: rule for rule in load_versions(name)}
        assert versions == {key: rule for key, rule in RULES.items() if rule.id == name}


def test_every_duty_with_a_clock_is_computed_from_its_own_events() -> None:
    for rule in RULES.values():
        found = compute(asked(rule), (rule,), now=NOW, default_place="EU")
        assert found.rule is rule
        if rule.period is not None and rule.has_clock:
            assert found.due.due_at is not None, rule.key
            assert found.due.due_at > max(found.events.values()), rule.key
            assert not found.due.not_computable_because


def test_no_reading_of_the_law_is_earlier_than_the_number_and_no_contested_one_either() -> None:
    for rule in RULES.values():
        due = compute(asked(rule), (rule,), now=NOW, default_place="EU").due
        later = [due.legal_due_at, *(one.due_at for one in due.contested)]
        assert all(due.due_at is not None and due.due_at <= at for at in later if at is not None), rule.key


def test_without_its_events_no_clock_is_computable() -> None:
    for rule in RULES.values():
        due = compute(Asked(rule.key), (rule,), now=NOW, default_place="EU").due
        assert due.due_at is None
        assert due.not_computable_because
