"""Small flows that let the worker be tried without the product's own."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Literal

from prefect import flow, suspend_flow_run
from prefect.input import RunInput


class Verdict(RunInput):
    """The least form that obeys the rules of forms."""

    decision: Literal["yes", "no"]
    reason: str = ""


@flow
def ask(question: str, rounds: int = 1) -> str:
    """Ask one thing so many times, each under its own key."""
    answers = [_suspend(question, at) for at in range(rounds)]
    return ",".join(answer.decision for answer in answers)


def _suspend(question: str, at: int) -> Verdict:
    form = Verdict.with_initial_data(description=f"# {question}\n\nround {at}", reason="none")
    return suspend_flow_run(wait_for_input=form, key=f"{question}-{at}", timeout=None)


@flow
def slow(marks: str, seconds: float = 60) -> None:
    """Count tenths of seconds in a file, until a file beside it says to let go."""
    path = Path(marks)
    until = time.monotonic() + seconds
    with path.open("a") as file:
        while time.monotonic() < until and not path.with_suffix(".go").exists():
            file.write("tick\n")
            file.flush()
            time.sleep(0.1)
        file.write("done\n")


@flow
def fails_once(marks: str) -> str:
    """Ask, then fail the first time."""
    answer = _suspend("fails-once", 0)
    path = Path(marks)
    if not path.exists():
        path.write_text("failed once")
        raise ValueError("once")
    return answer.decision


@flow
def ask_then_work(marks: str) -> str:
    """Ask, then work on the answer for a while."""
    answer = _suspend("ask-then-work", 0)
    slow.fn(marks)
    return answer.decision


@flow
def broken() -> None:
    """Fail, as a flow with a fault does."""
    raise ValueError("broken on purpose")
