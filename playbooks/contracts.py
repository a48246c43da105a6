"""What a client's contract asks of us, in the shape of a rule: same clock, same ledger, same proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from playbooks.law import BusinessHours, Citation, Period, Rule

CONTRACT_RULE: Final = "CONTRACT"
"""The id of the duty that a client's contract makes; the case says whose it is."""
DEFAULT_HOURS: Final = 24.0
"""Our target where a contract says nothing, whatever others say; policy, not law."""
BOUND: Final = 'our_role == "processor" and personal_data'


@dataclass(frozen=True, slots=True)
class ContractTermView:
    """What one client's contract asks: tell us within `hours` of `starts`, when `when` holds.

    `assumed` is the strictest default, where the contract says nothing: a target of ours, and a finding.
    """

    client: str
    hours: float
    starts: str = "aware_at"
    citation: str = ""
    version: str = "1"
    when: str = BOUND
    window: BusinessHours | None = None
    assumed: bool = False


def default_term(client: str) -> ContractTermView:
    """The strictest default for a client whose contract says nothing; it tells nothing of other contracts."""
    said = "the contract says nothing"
    return ContractTermView(client, DEFAULT_HOURS, citation=said, version="0", assumed=True)


def contract_rule(term: ContractTermView) -> Rule:
    """The contract term in the shape of a rule; an assumed one is a target, labelled as policy."""
    hours = f"{term.hours:g} {'business ' if term.window else ''}hours"
    title = f"Tell the client within {hours}, as its contract says"
    if term.assumed:
        title = f"Tell the client within {hours}: its contract says nothing, the strictest default holds"
    return Rule(
        id=CONTRACT_RULE,
        version=term.version,
        title=title,
        source="contract",
        status="in_force",
        jurisdiction="contract",
        citation=Citation(act="Contract", locator=term.citation),
        evidence="P-H",
        obliged_role="processor",
        recipient="client_controller",
        starts=(term.starts,),
        period=None if term.assumed else Period(value=term.hours, unit="hours"),
        policy_hours=term.hours if term.assumed else None,
        counting="asap" if term.assumed else "business_hours" if term.window else "hours_elapsed",
        window=term.window,
        when=term.when,
    )
