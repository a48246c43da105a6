"""Putting the explanations worth weighing in this kind of incident before the responders."""

from __future__ import annotations

from collections.abc import Mapping

from flows.deciding import Decision
from flows.hypotheses.changing import propose_starting
from playbooks.wording import Argument


def propose_hypotheses(decision: Decision, arguments: Mapping[str, Argument]) -> Mapping[str, object]:  # noqa: ARG001
    """Propose the starting hypotheses of the kind of incident, as far as nobody has proposed them yet."""
    return {"hypotheses": [one.number for one in propose_starting(decision)]}
