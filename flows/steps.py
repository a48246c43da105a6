"""One run for one step: asked, answered, approved, or simply run."""

from __future__ import annotations

from prefect import flow

from flows.asking import carry


@flow(name="take-step", persist_result=True)
def take_step(question: str, generation: int) -> str:
    """Carry one open question of an incident from asked to answered."""
    return carry(question, generation)
