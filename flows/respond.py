"""The incident's lifetime run: the commander's form, from opening to closing."""

from __future__ import annotations

from prefect import flow

from flows.asking import carry

RETRIES, RETRY_SECONDS = 5, 2
"""A store or server that does not answer is tried again within the run, so that its answer is kept."""


@flow(name="respond", persist_result=True, retries=RETRIES, retry_delay_seconds=RETRY_SECONDS)
def respond(question: str, generation: int) -> str:
    """Hold the commander's form of an incident until it is closed."""
    return carry(question, generation)
