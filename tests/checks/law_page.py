"""docs/law.md, generated from the rules and the cases of the EDPB: compared with the page, or --write."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from flows.rule_text import COUNTINGS, READINGS, dates_text, period_text, starts_text
from playbooks.facts import DICTIONARY
from playbooks.law import Rule
from playbooks.rulebook import load_rules
from playbooks.severity.edpb import Row, table_rows
from playbooks.vocabulary import ROLES, whom

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "law.md"
CASES = ROOT / "docs" / "examples" / "edpb"
OTHER_PLACES = {"cards": "Card brands and PCI DSS", "other": "Other places"}
LONGEST_CELL = 110  # characters

INTRODUCTION = """# The rulebook

Every duty that Seventytwo knows, generated from [`playbooks/law/`](../playbooks/law) by `make law`; do
not edit this page. `seventytwo law show RULE` tells more of each: content of the notice, exemptions,
conditions, penalties, notes. What a clock is and how it stands: [clocks.md](clocks.md).

**This is a study, not legal advice.** {reviewed} The evidence says how the text of an entry was
confirmed: P a copy of the primary text was read, S a secondary source was read, M from memory; then how
sure we are: H high, M medium, L low. A *stub* is a reminder that there is law: confirm it before relying
on it.

{totals} The law in force on the day on which a clock starts decides, so old versions stay. Every rule in
force is called forth, ruled out and computed by a test (`tests/unit/law/exercised/`).

A period is counted as its method says (table below) from the event named before it. Where the law allows
a later reading, its method stands after *legal*; what is contested is only shown by `seventytwo clock`,
never counted down to. Where the law gives no number, our target is policy, not law."""

COUNTING = """## How periods are counted

The number shown is the conservative one ([ADR 12](adr/0012-one-number-and-its-readings.md)):
hours are elapsed hours, months end at the same clock time, and days run to the end of the last one, which
no weekend or holiday moves. Where the regulator itself gives relief (DORA's noon, business days, the SEC's
filing hour), the number has that relief. It is never later than the law's own reading beside it. All
instants are computed in UTC; a day ends at the next midnight of the rule's place."""

EDPB = """## The advice on severity beside the EDPB's cases

What the 18 cases of the EDPB's Guidelines 01/2021 (v2.0) expect, and what our method advises on them
([the facts](examples/edpb), `seventytwo assess` reads them; [how the advice is made](severity.md)). The
first answer is whether to tell the authority, the second whether to tell the people affected. *By score*
is what the score alone suggests, *by facts* the advice before a person's judgement of its factors is
added. The factors were chosen with these cases in view: agreement is a check, and no proof. A named
person decides in every case."""


def page(rules: Sequence[Rule], cases: Sequence[Row]) -> str:
    """The whole page."""
    reviewed = Counter(rule.reviewer is not None for rule in rules)
    words = f"A named reviewer has confirmed {reviewed[True]} of the {len(rules)} entries."
    parts = [
        INTRODUCTION.format(reviewed=words, totals=totals(rules)),
        COUNTING,
        table(("Method", "Counts", "Rules"), counted(rules)),
        table(("Other reading", "Counts", "Rules"), readings(rules)),
        *(part for title, group in by_place(rules) for part in (f"## {title}", rule_table(group))),
        EDPB,
        edpb_table(cases),
    ]
    return "\n\n".join(parts) + "\n"


def totals(rules: Sequence[Rule]) -> str:
    """How many rules there are, of which status."""
    status = Counter(rule.status.replace("_", " ") for rule in rules)
    told = ", ".join(f"{count} {name}" for name, count in status.most_common())
    stubs = sum(rule.stub for rule in rules)
    return f"{len(rules)} versions of {len({rule.id for rule in rules})} rules: {told}; {stubs} are stubs."


def counted(rules: Sequence[Rule]) -> Iterator[tuple[str, ...]]:
    """Every counting method, with how many rules use it."""
    used: Counter[str] = Counter(rule.counting for rule in rules)
    return ((f"`{name}`", words, str(used[name] or "contracts only")) for name, words in COUNTINGS.items())


def readings(rules: Sequence[Rule]) -> Iterator[tuple[str, ...]]:
    """Every other reading, with how many rules have it as legal and how many as contested."""
    legal: Counter[str] = Counter(rule.legal.method for rule in rules if rule.legal)
    contested: Counter[str] = Counter(one.method for rule in rules for one in rule.contested)
    for name, words in READINGS.items():
        if legal[name] or contested[name]:
            yield f"`{name}`", words, f"{legal[name]} legal, {contested[name]} contested"


def by_place(rules: Sequence[Rule]) -> Iterator[tuple[str, list[Rule]]]:
    """The rules of each jurisdiction, in the order in which triage asks for them."""
    groups: defaultdict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        groups[rule.jurisdiction].append(rule)
    names = {choice.value: choice.label for choice in DICTIONARY["jurisdictions"].choices}
    for code in [*names, *sorted(groups.keys() - names)]:
        if code in groups:
            order = sorted(groups[code], key=lambda rule: (rule.id, rule.in_force_from or date.max))
            yield OTHER_PLACES.get(code, names.get(code, code)), order


def rule_table(rules: Sequence[Rule]) -> str:
    """The rules of one jurisdiction."""
    head = ("Rule, version", "Duty", "Who tells whom", "From, period, counting", "Written in", "Evidence")
    return table(head, (rule_cells(rule) for rule in rules))


def rule_cells(rule: Rule) -> tuple[str, ...]:
    """One rule in a row."""
    law = (
        f"[{clipped(str(rule.citation))}]({rule.citation.link})" if rule.citation.link else str(rule.citation)
    )
    return (
        f"`{rule.id}`<br>{version_text(rule)}",
        clipped(rule.title) + (f" *({rule.kind})*" if not rule.has_clock else ""),
        f"{ROLES[rule.obliged_role]} → {whom(rule.recipient, rule.authority)}",
        period_cell(rule),
        law,
        f"{rule.evidence}{', stub' if rule.stub else ''}<br>{rule.reviewer or 'no reviewer'}",
    )


def version_text(rule: Rule) -> str:
    """The version, its status, and its dates of force where the version does not say them."""
    status = rule.status.replace("_", " ")
    is_said = rule.version == str(rule.in_force_from) and rule.in_force_until is None
    return f"{rule.version}, {status}" + ("" if is_said else f" {dates_text(rule)}".rstrip())


def period_cell(rule: Rule) -> str:
    """What starts the clock, how long it runs and how that is counted."""
    if not rule.has_clock:
        return clipped(rule.qualifier) or "-"
    legal = f", legal `{rule.legal.method}`" if rule.legal else ""
    method = "" if rule.counting == "asap" else f"<br>`{rule.counting}`{legal}"
    return f"{starts_text(rule)}: {period_text(rule)}{method}"


def edpb_table(cases: Sequence[Row]) -> str:
    """The EDPB's cases: what is expected, what is advised, and why anything differs."""
    head = ("Case", "Expected", "Score", "By score", "By facts", "Advised", "Agrees", "Why something differs")
    rows = (
        (
            f"[{case.case}](examples/edpb/{case.case}.yaml) {case.title}",
            "/".join(case.expected),
            f"{case.score:g} {case.band}",
            *("/".join(outcome) for outcome in (case.by_score, case.by_facts, case.advised)),
            "yes" if case.agrees else "**no**",
            case.explained,
        )
        for case in cases
    )
    return table(head, rows)


def table(head: Sequence[str], rows: Iterator[tuple[str, ...]]) -> str:
    """A Markdown table; a bar in a cell does not end it."""
    body = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, ["---"] * len(head), *body))


def clipped(text: str) -> str:
    """The text, cut at a word where it is too long for a cell."""
    if len(text) <= LONGEST_CELL:
        return text
    return text[: LONGEST_CELL - 1].rpartition(" ")[0] + " …"


def current() -> str:
    """The page as the data makes it today."""
    return page(tuple(load_rules().values()), table_rows(CASES))


def main() -> int:
    """Write the page, or say whether it is in date; 1 if it is not."""
    text = current()
    if "--write" in sys.argv[1:]:
        PAGE.write_text(text, "utf-8")
    in_date = PAGE.is_file() and PAGE.read_text("utf-8") == text
    print("docs/law.md is in date" if in_date else "docs/law.md is stale: run `make law`")  # noqa: T201
    return 0 if in_date else 1


if __name__ == "__main__":
    sys.exit(main())
