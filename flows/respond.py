"""The incident's lifetime run: the commander's form, from opening to closing."""

from __future__ import annotations

from prefect import flow

from flows.asking import carry


@flow(name="respond", persist_result=True)
def respond(question: str, generation: int) -> str:
    """Hold the commander's form of an incident until it is closed."""
    return carry(question, generation)
