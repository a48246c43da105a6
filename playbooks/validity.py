"""Whether a playbook may be used on a day: its dates, its revocation, and its signature."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from playbooks.models import Playbook

Reaction: TypeAlias = Literal["allow", "warn", "refuse"]
REACTIONS: tuple[Reaction, ...] = get_args(Reaction)
"""What an organisation does about a playbook that is expired or unsigned."""


@dataclass(frozen=True, slots=True)
class PlaybookPolicy:
    """How an organisation meets an expired and an unsigned playbook, and whose signatures count."""

    expired: Reaction = "warn"
    unsigned: Reaction = "allow"
    signers: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Concern:
    """One reason not to rely on a playbook; `refuses` where it may not be used."""

    words: str
    refuses: bool


def concerns(
    playbook: Playbook, today: date, policy: PlaybookPolicy, signer: str | None
) -> tuple[Concern, ...]:
    """Every reason not to rely on a playbook on that day; `signer` is who signed it, None for nobody.

    A revoked one is always refused: whoever revoked it has decided.
    """
    return tuple(_concerns(playbook, today, policy, signer))


def _concerns(
    playbook: Playbook, today: date, policy: PlaybookPolicy, signer: str | None
) -> Iterator[Concern]:
    if playbook.revoked is not None:
        yield Concern(f"it was revoked: {playbook.revoked}", refuses=True)
    if policy.expired != "allow":
        if playbook.valid_until is not None and today > playbook.valid_until:
            yield Concern(f"it expired on {playbook.valid_until}", policy.expired == "refuse")
        if playbook.valid_from is not None and today < playbook.valid_from:
            yield Concern(f"it is valid from {playbook.valid_from} only", policy.expired == "refuse")
    if signer is None and policy.unsigned != "allow":
        yield Concern("nobody whose signature counts has signed it", policy.unsigned == "refuse")
