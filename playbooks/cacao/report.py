"""What became of each part of an imported document: kept, changed or refused, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias, get_args

Outcome: TypeAlias = Literal["kept", "changed", "refused"]
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)


@dataclass(frozen=True, slots=True)
class Gap:
    """One part of the document, by its JSON pointer, and what became of it."""

    pointer: str
    outcome: Outcome
    why: str = ""

    def __str__(self) -> str:
        return f"{self.outcome:8}{self.pointer or '/'}" + (f": {self.why}" if self.why else "")


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing for which the whole document is refused: where, what, and how to mend it."""

    pointer: str
    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.pointer or '/'}: {self.what} - {self.mend}"


@dataclass
class Report:
    """The account of one import, in the order in which the document was read."""

    gaps: list[Gap] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)
    added: list[str] = field(default_factory=list)

    def kept(self, pointer: str, why: str = "") -> None:
        """Note what came over as it is."""
        self.gaps.append(Gap(pointer, "kept", why))

    def changed(self, pointer: str, how: str) -> None:
        """Note what came over otherwise, and how."""
        self.gaps.append(Gap(pointer, "changed", how))

    def refused(self, pointer: str, why: str) -> None:
        """Note what did not come over, and why."""
        self.gaps.append(Gap(pointer, "refused", why))

    def fault(self, pointer: str, what: str, mend: str) -> None:
        """Note why the document as a whole cannot be taken."""
        self.wrong.append(Wrong(pointer, what, mend))

    @property
    def counts(self) -> Mapping[str, int]:
        """How many parts were kept, changed and refused."""
        found = Counter(gap.outcome for gap in self.gaps)
        return {outcome: found[outcome] for outcome in OUTCOMES}

    def lines(self) -> Iterator[str]:
        """Return the report in lines of text; what they quote is of outside origin."""
        yield from (f"wrong   {wrong}" for wrong in self.wrong)
        yield from (str(gap) for gap in self.gaps)
        yield from (f"added   {what}" for what in self.added)
        yield ", ".join(f"{count} {outcome}" for outcome, count in self.counts.items())

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON holds it."""
        return {
            "imported": not self.wrong,
            "counts": dict(self.counts),
            "wrong": [{"pointer": w.pointer, "what": w.what, "mend": w.mend} for w in self.wrong],
            "parts": [{"pointer": g.pointer, "outcome": g.outcome, "why": g.why} for g in self.gaps],
            "added": list(self.added),
        }


def pointer(*parts: str | int) -> str:
    """Return the JSON pointer (RFC 6901) of a part."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)
