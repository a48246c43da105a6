"""The phases of telling one recipient: first, more is known, all is known, or it is taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, get_args

from playbooks.notices.models import Form, Phase, Section

PHASES: Final[tuple[str, ...]] = get_args(Phase)
LATER: Final[Mapping[str, str]] = {
    "update": "more is known than when they were told last",
    "final": "nothing is to follow",
    "withdrawal": "it was no breach, or sent in error: what they were told is taken back",
}
"""What may follow a notice that its recipient accepted, in words."""
WHY_WITHDRAWN: Final = "Why the earlier notice is withdrawn"


def phase_of(stage: str, *, follows: bool, chosen: str = "") -> Phase:
    """The phase of a notice that meets duties of this stage: the first to a recipient is the initial one.

    What meets a final duty is final, unless whoever writes it chose another phase.
    """
    if chosen == "withdrawal" and follows:
        return "withdrawal"
    if stage == "final" and chosen != "update":
        return "final"
    if not follows:
        return "initial"
    return "final" if chosen == "final" else "update"


def in_phase(form: Form, phase: str) -> Form:
    """The form as this phase uses it: a withdrawal only says why, and whom to ask."""
    if phase != "withdrawal":
        return form
    why = Section(heading=WHY_WITHDRAWN, content=("nature",))
    return form.model_copy(
        update={
            "sections": (why, Section(content=("contact_point",))),
            "phased": "",
            "prescribed": False,
        }
    )


def carried(phase: str, words: Mapping[str, str]) -> dict[str, str]:
    """What a notice says again where nothing else was written: the last one's words, but no old excuses."""
    if phase not in ("update", "final"):
        return {}
    return {content: said for content, said in words.items() if content != "delay_reasons"}
