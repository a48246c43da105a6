"""A mapping: how an unknown tool's payload is read into claims, written as data and read with every fault.

docs/sources.md says what each key means.
"""

from __future__ import annotations

from collections.abc import Mapping as Pairs
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ValidationError, model_validator
from pydantic import Field as Bound
from pydantic_core import PydanticCustomError

from flows.intake.mapping_expressions import compiled
from playbooks.alerts.view import Category, DataHint, Severity
from playbooks.documents import as_validation_error, read_document, validated
from playbooks.errors import Fault, FileFaults, Mend
from playbooks.fact_types import Frozen
from playbooks.wording import Line
from playbooks.zones import zone

_MOST_EXPRESSIONS = 30


def _is_jmespath(text: str) -> str:
    try:
        compiled(text)
    except Mend as fault:
        raise _on_its_line(fault) from fault
    return text


def _one_is_a_list(given: Any) -> Any:
    return [given] if isinstance(given, str) else given


def _bare_is_from(given: Any) -> Any:
    return {"from": given} if isinstance(given, str | list) else given


def _is_a_zone(name: str) -> str:
    try:
        zone(name)
    except Mend as fault:
        raise _on_its_line(fault) from fault
    return name


def _on_its_line(fault: Mend) -> PydanticCustomError:
    """The fault as pydantic collects it, what is wrong and which one in one."""
    named = f"{fault.what}: `{fault.which}`" if fault.which else fault.what
    return as_validation_error(Mend(named, mend=fault.mend))


def _in_small(words: dict[str, Any]) -> dict[str, Any]:
    return {word.strip().lower(): meant for word, meant in words.items()}


Expression = Annotated[str, AfterValidator(_is_jmespath)]
"""One JMESPath expression."""
Expressions = Annotated[
    tuple[Expression, ...], BeforeValidator(_one_is_a_list), Bound(max_length=_MOST_EXPRESSIONS)
]
"""One expression, or a list of them."""
Identity = Annotated[Expressions, Bound(min_length=1)]
Kind = Annotated[str, Bound(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=32)]
Link = Annotated[str, Bound(pattern=r"^https://[!#-;=?-~]+$", max_length=300)]


class SeverityRule(Frozen):
    """From the tool's severity to ours: by its words, by the least number of each level, or as all say it."""

    from_: Expressions = Bound(default=(), alias="from")
    words: Annotated[dict[str, Severity], AfterValidator(_in_small)] = Bound(default={})
    bounds: dict[Severity, Annotated[float, Bound(allow_inf_nan=False)]] = Bound(default={})
    otherwise: Severity = "medium"

    @model_validator(mode="after")
    def _says_where_it_stands(self) -> SeverityRule:
        if (self.words or self.bounds) and not self.from_:
            fault = Mend("severity has words or bounds, and no `from`", mend="say where the severity stands")
            raise as_validation_error(fault)
        return self


class StatusRule(Frozen):
    """Which of the tool's words say that an alert is over."""

    from_: Identity = Bound(alias="from")
    resolved: Annotated[tuple[str, ...], Bound(min_length=1, max_length=50)]


class CategoryRule(Frozen):
    """What sort of event it is: by the tool's words, else by what its texts tell."""

    from_: Expressions = Bound(default=(), alias="from")
    words: Annotated[dict[str, Category], AfterValidator(_in_small)] = Bound(default={})
    otherwise: Category = "other"


class DataRule(Frozen):
    """Which categories of data it names: by the tool's words, else by what its texts tell."""

    from_: Expressions = Bound(default=(), alias="from")
    words: Annotated[dict[str, tuple[DataHint, ...]], AfterValidator(_in_small)] = Bound(default={})


class Mapping(Frozen):
    """How one tool's payloads are read."""

    kind: Kind
    product: Annotated[Line, Bound(max_length=80)]
    docs: Link | None = None
    auth: str = Bound(default="bearer", pattern=r"^(hmac|bearer|basic|api_key)$")
    recognises: Expression | None = None
    each: Expression | None = None
    title: Identity
    identity: Identity
    severity: Annotated[SeverityRule, BeforeValidator(_bare_is_from)] = SeverityRule()
    status: StatusRule | None = None
    occurred_at: Expressions = ()
    zone: Annotated[str, AfterValidator(_is_a_zone)] | None = None
    """Of instants that the tool writes without an offset; without it, the source's own zone."""
    category: Annotated[CategoryRule, BeforeValidator(_bare_is_from)] = CategoryRule()
    accounts: Expressions = ()
    hosts: Expressions = ()
    addresses: Expressions = ()
    domains: Expressions = ()
    urls: Expressions = ()
    files: Expressions = ()
    hashes: Expressions = ()
    ids: Expressions = ()
    data_hints: Annotated[DataRule, BeforeValidator(_bare_is_from)] = DataRule()
    client_hints: Expressions = ()
    link: Expressions = ()


def read_mapping(source: Path | str) -> Mapping:
    """The mapping in a file, or in a text; raises FileFaults with each fault, its line and its mend."""
    if isinstance(source, str):
        return parse_mapping(source, "mapping")
    try:
        text = source.read_bytes()
    except OSError as unreadable:
        what = f"cannot be read: {(unreadable.strerror or 'no reason given').lower()}"
        raise FileFaults((Fault(str(source), 1, what, "name a file that can be read"),)) from unreadable
    return parse_mapping(text, str(source))


def parse_mapping(text: bytes | str, file: str) -> Mapping:
    """The mapping that a file's text says; raises FileFaults with each fault, its line and its mend."""
    return validated(Mapping, read_document(text, file))


def pinned(mapping: Mapping) -> dict[str, Any]:
    """The mapping as JSON, as a source keeps it."""
    return mapping.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def unpinned(stored: Pairs[str, Any]) -> Mapping:
    """The mapping that a source keeps; raises Mend where it is none of this version's."""
    try:
        return Mapping.model_validate(stored)
    except ValidationError as fault:
        which = ".".join(str(part) for part in fault.errors()[0]["loc"])
        raise Mend("not a mapping", which=which, mend="add the source anew with its file") from fault
