"""The words that rules of law share: who is obliged, who is told, what a notice must say. Each has one id.

A word is retired, never removed or renamed: versions of rules in force long ago still use it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

ROLES: Mapping[str, str] = MappingProxyType(
    {
        "controller": "controller of the data",
        "processor": "processor for the controller",
        "sub_processor": "processor for another processor",
        "own_controller": "controller of its own staff's data",
        "covered_entity": "HIPAA covered entity",
        "business_associate": "HIPAA business associate",
        "financial_entity": "financial entity",
        "financial_service_provider": "service provider of a financial entity",
        "essential_important_entity": "essential or important entity",
        "merchant_or_tpsp": "merchant or third-party service provider of card data",
        "registrant": "registrant of securities",
        "body_corporate": "service provider, intermediary, data centre or body corporate",
        "telecom_provider": "provider of public electronic communications",
        "manufacturer": "manufacturer of products with digital elements",
    }
)
"""Who is obliged."""

PROCESSOR_ROLES = frozenset(
    {"processor", "sub_processor", "business_associate", "financial_service_provider"}
)
"""The roles in which we hold data for somebody else, who has clocks of its own."""

RECIPIENTS: Mapping[str, str] = MappingProxyType(
    {
        "supervisory_authority": "data-protection authority",
        "client_controller": "client whose data it is",
        "data_subjects": "people affected",
        "csirt_or_competent_authority": "CSIRT or competent authority",
        "financial_authority": "financial supervisor",
        "health_authority": "health authority",
        "attorney_general": "attorney general or state authority",
        "card_brand": "card brands",
        "acquirer": "acquirer",
        "media": "prominent media",
        "investors": "investors, by public filing",
        "service_recipients": "recipients of the service",
        "credit_bureaus": "credit bureaus",
        "other_organisations": "organisations that can reduce the harm",
        "register": "internal record",
    }
)
"""Who must be told."""

INSIDE: Mapping[str, str] = MappingProxyType({"staff": "our own staff", "board": "our board"})
"""Who is told inside, by no law."""
MAY_BE_PRIVILEGED = frozenset({"client_controller", *INSIDE})
"""To whom a notice may be marked as privileged: people and authorities may use what they are told."""


def whom(recipient: str, authority: str = "") -> str:
    """Who must be told, in words: what kind of recipient it is, and its name or place where known."""
    words = RECIPIENTS.get(recipient, recipient)
    return f"{words} ({authority})" if authority else words


STAGES: tuple[str, ...] = ("early_warning", "initial", "intermediate", "final")
"""The stages of telling one recipient, in their order; one notice answers one stage."""

CONTENT: Mapping[str, str] = MappingProxyType(
    {
        "nature": "what happened",
        "occurred": "when it happened, or the best estimate",
        "detected": "when it was detected",
        "location": "where it happened",
        "extent": "how far it reaches",
        "cause": "cause, or how it came about",
        "perpetrator": "findings about who caused it",
        "is_malicious": "whether an unlawful or malicious act is suspected",
        "is_cross_border": "whether other states may be affected",
        "indicators": "indicators of compromise",
        "classification": "criteria and time of the classification",
        "discovery": "how it was discovered",
        "continuity": "whether business continuity was activated",
        "recovery": "when and how service was restored",
        "costs": "costs and losses",
        "categories_of_people": "categories of people affected",
        "number_of_people": "approximate number of people",
        "identities": "who is affected, one by one",
        "children_and_vulnerable": "children and other vulnerable people, apart",
        "categories_of_records": "categories of data",
        "number_of_records": "approximate number of records",
        "protection": "security measures before and after",
        "encryption": "whether the data was unreadable",
        "contact_point": "contact point or data protection officer",
        "consequences": "likely consequences",
        "severity_and_impact": "severity and impact as assessed",
        "measures": "measures taken or proposed",
        "steps_for_people": "what people can do to protect themselves",
        "remedies": "legal remedies and assistance offered",
        "publication": "whether and how it was made public",
        "prevention": "how a repetition is prevented",
        "report_on_telling": "how the people affected were told",
        "delay_reasons": "reasons for lateness or delay",
        "controller": "who the controller is",
        "processor": "which processor was involved",
        "payment": "extortion payment: demanded, paid, why",
        "account_numbers": "account numbers at risk, through the scheme's secure channel",
        "sample_notice": "a copy of the notice to people",
        "status": "how it stands now",
        "facts": "the facts relating to the breach",
        "effects": "its effects",
        "reasons_not_told": "why nobody was told",
    }
)
"""What a notice or record must say."""
