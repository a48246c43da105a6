"""How the advice compares with the 18 cases of the EDPB's Guidelines 01/2021 (v2.0, 14 December 2021).

`expected.yaml` beside the cases holds what the guidelines expect, what we advise, and why that or the score
alone differs. The factors were chosen with these cases in view: agreement is a check, and no proof.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field

from playbooks.documents import Document, validated
from playbooks.errors import Fault, FileFaults
from playbooks.fact_file import FactFile, fact_file_of
from playbooks.fact_types import Frozen
from playbooks.folders import documents_in
from playbooks.severity.advising import AUTHORITY, PEOPLE, Advice, Answer, advise, level_of

TABLE: Final = "expected.yaml"
Outcome: TypeAlias = tuple[Answer, Answer]
"""Whether to tell the authority, and the people affected."""


class _Outcome(Frozen):
    sa: Literal["yes", "no"]
    ds: Literal["yes", "no"]


class _Advised(Frozen):
    score: float
    sa: Literal["yes", "no", "unknown"]
    ds: Literal["yes", "no", "unknown"]


class _Expected(Frozen):
    title: Annotated[str, Field(min_length=1, max_length=80)]
    documentation: Literal["yes"]
    expected: _Outcome
    advice: _Advised
    explained: Annotated[str, Field(max_length=400)] = ""


class _Table(Frozen):
    cases: dict[Annotated[str, Field(pattern=r"^\d\d$")], _Expected]


@dataclass(frozen=True, slots=True)
class Row:
    """One case: what the guidelines expect and what we advise, by which factors.

    `by_score` is what the score alone suggests, `by_facts` the advice without a person's judgement.
    """

    case: str
    title: str
    expected: Outcome
    score: float
    band: str
    by_score: Outcome
    by_facts: Outcome
    advised: Outcome
    factors: tuple[str, ...]
    explained: str

    @property
    def agrees(self) -> bool:
        """Whether our advice is what the guidelines expect."""
        return self.advised == self.expected

    @property
    def differs(self) -> bool:
        """Whether our advice, or what leads to it, is anywhere not what the guidelines expect."""
        return any(one != self.expected for one in (self.advised, self.by_score, self.by_facts))


def table_rows(folder: Path) -> tuple[Row, ...]:
    """Every case of the folder in order; FileFaults where the table is not what is computed or explained."""
    documents, faults = documents_in(folder)
    by_name = {Path(document.file).name: document for document in documents}
    if faults or TABLE not in by_name:
        raise FileFaults(tuple(faults) or (Fault(str(folder / TABLE), 1, "no such table", "write it"),))
    document = by_name.pop(TABLE)
    table = validated(_Table, document).cases
    found = {name.removesuffix(".yaml"): fact_file_of(one) for name, one in by_name.items()}
    rows = [_row(case, table[case], found[case]) for case in sorted(table) if case in found]
    faults += [
        document.fault(
            ("cases", case), f"case {case} stands in the table or in a file alone", "add the other"
        )
        for case in sorted(set(table) ^ set(found))
    ]
    faults += [fault for row in rows for fault in _faults_of(row, table[row.case], document)]
    if faults:
        raise FileFaults(tuple(faults))
    return tuple(rows)


def advise_on(file: FactFile) -> Advice:
    """The advice on the incident of a fact file."""
    return advise(file.view.for_case(None), file.severity[None].enisa)


def _row(case: str, stated: _Expected, file: FactFile) -> Row:
    found, unaided = advise_on(file), advise(file.view.for_case(None))
    level = level_of(found.score)
    return Row(
        case=case,
        title=stated.title,
        expected=(stated.expected.sa, stated.expected.ds),
        score=found.score,
        band=found.band,
        by_score=("yes" if level >= AUTHORITY else "no", "yes" if level >= PEOPLE else "no"),
        by_facts=(unaided.sa, unaided.ds),
        advised=(found.sa, found.ds),
        factors=found.factors,
        explained=stated.explained,
    )


def _faults_of(row: Row, stated: _Expected, document: Document) -> Iterator[Fault]:
    """An advice no longer given, and a disagreement without a word why."""
    here = ("cases", row.case)
    if (stated.advice.score, stated.advice.sa, stated.advice.ds) != (row.score, *row.advised):
        now = f"{row.score:g}, {row.advised[0]}, {row.advised[1]}"
        yield document.fault(
            (*here, "advice"), f"case {row.case}: the advice is {now}", "look why, then correct it"
        )
    if row.differs and not row.explained:
        what = f"case {row.case} differs from the guidelines, and nothing says why"
        yield document.fault((*here, "explained"), what, "write `explained`")
