"""One run for each decision of a notice round: drafting, releasing, proving."""

from __future__ import annotations

from prefect import flow

from flows.asking import carry


@flow(name="notice-round", persist_result=True)
def notice_round(question: str, generation: int) -> str:
    """Carry one decision about a round of notices from asked to answered."""
    return carry(question, generation)
