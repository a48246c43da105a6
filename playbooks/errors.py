"""The errors of Seventytwo, sorted by what the reader can do about them.

SeventytwoError
├── Mend            what was given is wrong: correct it and try again
│   ├── FactFault           a value that its fact cannot hold
│   ├── ConditionFault      an expression outside the condition language
│   ├── FileFaults          a file with faults, every one listed (playbook, rule, client file)
│   ├── InstantFault        an instant without an offset, or one that cannot be
│   ├── PayloadFault        an alert that is not of its source's shape
│   ├── SetupFault          a key, folder, port or migration that is not as it must be
│   │   ├── KeyMissing          (store) no key, or one that others can read
│   │   └── MigrationBehind     (store) a schema that is not this version's
│   └── MessageFault        (notify) a message or notice without a field that it needs
├── ChooseAgain     the request is understood and refused
│   ├── Refused             wrong code, wrong role, question answered, duty separated
│   └── NotFound            nothing of that name
├── Retry           nothing is wrong with the request: the same call may succeed later
│   └── Unreachable         a server that did not answer
└── TellHuman       something that must never happen has happened
    ├── ChainBroken         a timeline that does not verify
    ├── RealRecipient       something of an exercise that would have left the house
    ├── Unsealable          (store) a sealed value that none of the keys opens
    └── BytesMissing        (store) a vault without what it was given
"""

from __future__ import annotations

from dataclasses import dataclass


class SeventytwoError(Exception):
    """Any error of ours; `what`, `which` and `mend` make its one-line message."""

    def __init__(self, what: str, *, which: str = "", mend: str = "") -> None:
        self.what, self.which, self.mend = what, which, mend
        parts = (what, which and f"({which})", mend and f"- {mend}")
        super().__init__(" ".join(part for part in parts if part))


class Mend(SeventytwoError):
    """What was given is wrong: correct it and try again."""


class FactFault(Mend):
    """A value that its fact cannot hold."""


class ConditionFault(Mend):
    """An expression outside the condition language."""


class InstantFault(Mend):
    """An instant without an offset, or one that cannot be."""


class SetupFault(Mend):
    """A key, folder, port or migration that is not as it must be."""


class PayloadFault(Mend):
    """An alert that is not of its source's shape; `which` names the field."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a file: where, what, and how to mend it."""

    file: str
    line: int
    what: str
    mend: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}" + (f" - {self.mend}" if self.mend else "")


class FileFaults(Mend):
    """A file, or a folder of them, with faults: every one is listed."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        super().__init__("\n".join(str(fault) for fault in faults))


class ChooseAgain(SeventytwoError):
    """The request is understood and refused."""


class Refused(ChooseAgain):
    """An answer that may not count: wrong code, wrong role, question closed, duty separated."""


class NotFound(ChooseAgain):
    """Nothing of that name."""


class Retry(SeventytwoError):
    """Nothing is wrong with the request: the same call may succeed later."""


class Unreachable(Retry):
    """A server that did not answer."""


class TellHuman(SeventytwoError):
    """Something that must never happen has happened."""


class RealRecipient(TellHuman):
    """Something of an exercise was about to reach somebody outside: the exercise is stopped."""


class ChainBroken(TellHuman):
    """A timeline that does not verify."""
