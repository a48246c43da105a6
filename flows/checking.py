"""Everything that is wrong with the playbooks of a house, each on its line: what `playbook check` tells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from flows.fitness import lacking
from flows.trusting import Trust
from playbooks.errors import Fault
from playbooks.models import Playbook
from playbooks.soundness import Finding, Holders, fault, placed, soundness_of, warning
from playbooks.validity import Concern


@dataclass(frozen=True, slots=True)
class Checked:
    """One version of a playbook: what is wrong with it, what its owner should settle, how far one looked."""

    playbook: Playbook
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    ways: int
    by_structure: tuple[str, ...]


def check_all(trust: Trust, today: date, holders: Holders | None) -> Iterator[Checked]:
    """Check every version of every playbook; roles where it is known who holds them."""
    library = trust.library
    for name in library:
        for ref in library.versions(name):
            yield check_one(trust, library.named(ref), today, holders)


def check_one(trust: Trust, playbook: Playbook, today: date, holders: Holders | None) -> Checked:
    """Check one version of a playbook."""
    found = soundness_of(playbook, holders)
    findings = [*found.findings, *lacking(playbook), *_of_today(trust, playbook, today)]
    told = list(placed(playbook, trust.library.document(playbook.ref), findings))
    return Checked(
        playbook,
        tuple(at for finding, at in told if finding.weight == "fault"),
        tuple(at for finding, at in told if finding.weight == "warning"),
        found.ways,
        found.by_structure,
    )


def _of_today(trust: Trust, playbook: Playbook, today: date) -> Iterator[Finding]:
    for concern in trust.concerns(playbook, today):
        made = fault if concern.refuses else warning
        what = f"{playbook.ref} should not be relied on: {concern.words}"
        yield made("", _key_of(playbook, concern), what, "let its owner look it over")
    if playbook.last_tested is not None and playbook.last_tested > today:
        what = f"{playbook.ref} was tested on a day to come: {playbook.last_tested}"
        yield warning("", "last_tested", what, "state the day of the last exercise")


def _key_of(playbook: Playbook, concern: Concern) -> str:
    """The key that a concern quotes, for its line."""
    said = {
        "revoked": playbook.revoked,
        "valid_until": playbook.valid_until,
        "valid_from": playbook.valid_from,
    }
    return next(
        (key for key, value in said.items() if value is not None and str(value) in concern.words), "id"
    )
