"""A mapping in words, for docs/sources.md and for whoever checks a mapping file."""

from __future__ import annotations

from collections.abc import Mapping

from flows.intake.mapping import Mapping as Rules
from playbooks.alerts.view import Severity


def identity_in_words(rules: Rules) -> str:
    """What makes two payloads the same alert."""
    return "same " + ", ".join(f"`{one}`" for one in rules.identity)


def severity_in_words(rules: Rules) -> str:
    """How a mapping puts severities on our scale."""
    rule = rules.severity
    if not rule.from_:
        return f"the tool gives none: {rule.otherwise}"
    parts = [f"{', '.join(words)} = {meant}" for meant, words in _by_meaning(rule.words).items()]
    parts += [
        f"from {least:g} = {name}" for name, least in sorted(rule.bounds.items(), key=lambda one: -one[1])
    ]
    read = "; ".join(parts) or "by its word"
    return f"`{'`, `'.join(rule.from_)}`: {read}; without one {rule.otherwise}"


def _by_meaning(words: Mapping[str, Severity]) -> Mapping[Severity, list[str]]:
    found: dict[Severity, list[str]] = {}
    for word, meant in words.items():
        found.setdefault(meant, []).append(word)
    return found
