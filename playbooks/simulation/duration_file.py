"""The file that says how long work takes: `seventytwo simulate --durations FILE`. Pure.

A span alone is always the same; `median` with `p95` is a lognormal, `low`, `mode` and `high` a triangle,
`samples` is as measured. Every fault is found at once, each with its line.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Final, Self

from pydantic import Field, ValidationError, model_validator

from playbooks.documents import Document, Path, model_faults, read_document, validated
from playbooks.errors import Fault, FileFaults, Mend
from playbooks.fact_types import Frozen
from playbooks.models import Playbook
from playbooks.simulation.durations import (
    Duration,
    Empirical,
    Fixed,
    Lognormal,
    Triangular,
    check_duration,
)
from playbooks.simulation.model import Paces, Shares
from playbooks.wording import Period

PARTS: Final = ("do", "act", "approve", "draft", "counsel", "release", "deliver")
_SHAPES: Final = (
    frozenset({"always"}),
    frozenset({"median", "p95"}),
    frozenset({"low", "mode", "high"}),
    frozenset({"samples"}),
)


class _Given(Frozen):
    """One distribution as the file writes it."""

    always: Period | None = None
    median: Period | None = None
    p95: Period | None = None
    low: Period | None = None
    mode: Period | None = None
    high: Period | None = None
    samples: Annotated[tuple[Period, ...], Field(min_length=1, max_length=1_000)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _alone(cls, given: object) -> object:
        return {"always": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _of_one_shape(self) -> Self:
        if frozenset(self.model_fields_set) not in _SHAPES:
            raise ValueError("write one span, or median and p95, or low, mode and high, or samples")
        return self

    @property
    def duration(self) -> Duration:
        """The same as a simulation draws from it."""
        match self:
            case _Given(always=timedelta() as span):
                return Fixed(span)
            case _Given(median=timedelta() as median, p95=timedelta() as p95):
                return Lognormal(median, p95)
            case _Given(low=timedelta() as low, mode=timedelta() as mode, high=timedelta() as high):
                return Triangular(low, mode, high)
            case _:
                return Empirical(self.samples or ())


Factor = Annotated[float, Field(gt=0, le=20, allow_inf_nan=False)]


class _OfTarget(Frozen):
    median: Factor
    p95: Factor

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.p95 < self.median:
            raise ValueError("give a median, and a p95 that is not smaller")
        return self


class _File(Frozen):
    reaction: _Given | None = None
    of_target: _OfTarget | None = None
    work: Annotated[Mapping[str, _Given], Field(max_length=500)] = Field(default_factory=dict)


def read_durations(text: bytes | str, file: str, plan: Playbook) -> Paces:
    """How long work takes as a file says; FileFaults lists every fault, also a step that the plan has not."""
    document = read_document(text, file)
    if not isinstance(document.data, dict):
        mend = "write `work:` with a line for each step, such as `triage: 40m`"
        raise FileFaults((document.fault((), "no durations", mend),))
    try:
        read = validated(_File, document)
    except ValidationError as error:
        raise FileFaults(model_faults(error, document)) from error
    faults = [*_impossible(document, read), *_of_no_step(document, read, plan)]
    if faults:
        raise FileFaults(tuple(sorted(faults, key=lambda fault: fault.line)))
    usual = Paces()
    return Paces(
        by_name={name: given.duration for name, given in read.work.items()},
        of_target=Shares(read.of_target.median, read.of_target.p95) if read.of_target else usual.of_target,
        reaction=read.reaction.duration if read.reaction else usual.reaction,
    )


def _impossible(document: Document, read: _File) -> list[Fault]:
    """The distributions that cannot be."""
    given: list[tuple[Path, _Given]] = [(("work", name), one) for name, one in read.work.items()]
    given += [(("reaction",), read.reaction)] if read.reaction else []
    faults = []
    for path, one in given:
        try:
            check_duration(one.duration)
        except Mend as fault:
            faults.append(document.fault(path, fault.what, fault.mend))
    return faults


def _of_no_step(document: Document, read: _File, plan: Playbook) -> list[Fault]:
    """What names neither a step of the plan, nor a part, nor both."""
    steps, faults = {step.id for step in plan.steps}, []
    for name in read.work:
        step, _, part = name.partition("/")
        if (part and part not in PARTS) or not (step in steps or name in PARTS or _by_law(step)):
            mend = f"write a step of {plan.id}, or step/part with a part of {', '.join(PARTS)}"
            faults.append(document.fault(("work", name), f"`{name[:60]}` is no piece of work", mend))
    return faults


def _by_law(step: str) -> bool:
    """Whether it may be a step that the law asks for beside the plan, which only a run knows."""
    return step.startswith(("tell-", "assess-"))
