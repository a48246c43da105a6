"""YAML read with suspicion: plain values only, every fault with its line, bounds before anything is built.

Refused: anchors and aliases (a bomb needs them), tags, a key twice, more than one document, and anything too
large or too deep. `yes`, `no`, `on`, dates and `1:30` stay text: only true, false,
null and plain numbers are more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any, TypeAlias, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from playbooks.errors import Fault, FileFaults, SeventytwoError
from playbooks.fault_words import words

Path: TypeAlias = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)

LARGEST_FILE = 1_000_000
_MOST_NODES = 50_000
_DEEPEST = 20
_LONGEST_NUMBER = 15
_INTEGER = re.compile(r"-?(?:0|[1-9]\d*)", re.ASCII)
_DECIMAL = re.compile(r"-?(?:0|[1-9]\d*)\.\d+", re.ASCII)
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True, slots=True)
class Document:
    """What one YAML file says, and on which line each part of it stands."""

    file: str
    data: Any
    lines: Mapping[Path, int]
    taken: Mapping[Path, tuple[Document, Path]] = dataclass_field(default_factory=dict)
    """Parts that stand elsewhere: in which document, and where in it."""

    def line_of(self, path: Path) -> int:
        """Return the line of a part, or of the nearest part around it that stands in its file."""
        document, path = self.origin(path)
        return document.lines.get(path, 1)

    def fault(self, path: Path, what: str, mend: str = "") -> Fault:
        """Return a fault that stands at this part of the file."""
        document, path = self.origin(path)
        return Fault(document.file, document.lines.get(path, 1), what, mend)

    def part(self, path: Path) -> Document:
        """Return one part as a document of its own that still knows its file and lines."""
        data = self.data
        for step in path:
            data = data[step]
        lines = {at[len(path) :]: line for at, line in self.lines.items() if at[: len(path)] == path}
        return Document(self.file, data, lines)

    def origin(self, path: Path) -> tuple[Document, Path]:
        """Return in which document a part stands, and where in it; else the nearest part around it."""
        cuts = [path[:end] for end in range(len(path), -1, -1)]
        for cut in cuts:
            if cut in self.taken:
                document, there = self.taken[cut]
                return document.origin(there + path[len(cut) :])
        return self, next((cut for cut in cuts if cut in self.lines), ())


def read_document(text: bytes | str, file: str) -> Document:
    """Read one YAML file's text; FileFaults names each line that is not plain YAML within bounds."""
    raw = text.encode(errors="surrogatepass") if isinstance(text, str) else text
    if len(raw) > LARGEST_FILE:
        raise FileFaults((Fault(file, 1, "the file is larger than 1 MB", "split it"),))
    try:
        decoded = raw.decode()
        faults = tuple(_hostile(decoded, file))
        if faults:
            raise FileFaults(faults)
        node = yaml.compose(decoded, Loader=yaml.CSafeLoader)
    except UnicodeDecodeError as not_text:
        line = raw[: not_text.start].count(b"\n") + 1
        raise FileFaults((Fault(file, line, "the file is not UTF-8 text", "save it as UTF-8"),)) from not_text
    except yaml.YAMLError as not_yaml:
        raise FileFaults((_yaml_fault(not_yaml, file),)) from not_yaml
    return _build(node, file)


def _yaml_fault(error: yaml.YAMLError, file: str) -> Fault:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    return Fault(file, mark.line + 1 if mark else 1, f"not YAML: {problem}", "check indentation and quotes")


def _hostile(text: str, file: str) -> Iterator[Fault]:
    """Walk the parser's events, which cost no recursion, and name all that is refused."""
    depth = documents = 0
    for count, event in enumerate(yaml.parse(text, Loader=yaml.CSafeLoader)):
        line = 1 + (event.start_mark.line if event.start_mark else 0)
        if count > _MOST_NODES:
            yield Fault(file, line, f"more than {_MOST_NODES:,} parts", "split the file")
            return
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                yield Fault(file, line, "a second document begins", "one file holds one document")
                return
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _DEEPEST:
                yield Fault(file, line, f"nested deeper than {_DEEPEST} levels", "flatten it")
                return
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if isinstance(event, yaml.NodeEvent) and event.anchor:
            yield Fault(
                file, line, f"anchor or alias `{event.anchor}`", "write the value out where it is used"
            )
        if tag := getattr(event, "tag", None):
            yield Fault(file, line, f"tag `{tag}`", "only plain values are read: remove the tag")


def _build(node: yaml.Node | None, file: str) -> Document:
    lines: dict[Path, int] = {}
    faults: list[Fault] = []
    data = None if node is None else _value(node, (), lines, faults, file)
    if faults:
        raise FileFaults(tuple(faults))
    return Document(file, data, lines)


def _value(node: yaml.Node, path: Path, lines: dict[Path, int], faults: list[Fault], file: str) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, lines, faults, file)
    if isinstance(node, yaml.SequenceNode):
        return [_value(part, (*path, at), lines, faults, file) for at, part in enumerate(node.value)]
    return _scalar(node)


def _mapping(
    node: yaml.MappingNode, path: Path, lines: dict[Path, int], faults: list[Fault], file: str
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, part in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            faults.append(Fault(file, line, "a key that is not a word", "a key is plain text"))
        elif key.value in values:
            faults.append(Fault(file, line, f"`{key.value}` stands here twice", "keep one of them"))
        else:
            lines[(*path, key.value)] = line
            values[key.value] = _value(part, (*path, key.value), lines, faults, file)
    return values


def _scalar(node: yaml.Node) -> Any:
    text = str(node.value)
    if getattr(node, "style", None):  # quoted or a block: text as it stands
        return text
    if text in _WORDS:
        return _WORDS[text]
    if len(text) <= _LONGEST_NUMBER and _INTEGER.fullmatch(text):
        return int(text)
    if len(text) <= _LONGEST_NUMBER and _DECIMAL.fullmatch(text):
        return float(text)
    return text


def as_validation_error(error: SeventytwoError) -> PydanticCustomError:
    """Return one of our errors in the shape that pydantic collects, so that its mend reaches the reader."""
    return PydanticCustomError("seventytwo", "{what}", {"what": error.what, "mend": error.mend})


def model_faults(error: ValidationError, document: Document) -> tuple[Fault, ...]:
    """Return every fault pydantic found, each on the line where it stands."""
    details = error.errors(include_url=False)
    return tuple(_fault_of(detail, document) for detail in details if not _only_echoes(detail, details))


def _only_echoes(detail: ErrorDetails, details: list[ErrorDetails]) -> bool:
    """Tell whether a list is short merely because its parts have faults, which are listed themselves."""
    place = detail["loc"]
    return detail["type"] == "too_short" and any(
        other["loc"][: len(place)] == place and len(other["loc"]) > len(place) for other in details
    )


def _fault_of(detail: ErrorDetails, document: Document) -> Fault:
    path = _written(detail, document)
    name = _named(path)
    match detail["type"]:
        case "missing":
            return document.fault(path, f"{name} is missing", "add it")
        case "extra_forbidden":
            return document.fault(path, f"{name} is not a key here", "remove it, or check its spelling")
        case "seventytwo":
            mend = str(detail.get("ctx", {}).get("mend", "")) or f"correct {name}"
            return document.fault(path, detail["msg"], mend)
        case _:
            return document.fault(path, *words(detail, name))


def _written(detail: ErrorDetails, document: Document) -> Path:
    """Where in the file a fault stands, without the names that only the code has for it."""
    found: list[str | int] = []
    part, loc = document.data, detail["loc"]
    for at, step in enumerate(loc):
        if _holds(part, step):
            part = part[step]
        elif at < len(loc) - 1 or detail["type"] != "missing":
            continue
        found.append(step)
    return tuple(found)


def _holds(part: Any, step: str | int) -> bool:
    if isinstance(part, list):
        return isinstance(step, int) and step < len(part)
    return isinstance(part, dict) and step in part


def _named(path: Path) -> str:
    """A part of a file as people call it: by its key, or as an item of a list."""
    last = path[-1] if path else None
    if last is None:
        return "this part of the file"
    if isinstance(last, str):
        return f"`{last}`"
    around = next((step for step in reversed(path) if isinstance(step, str)), None)
    return f"item {last + 1} of `{around}`" if around else f"item {last + 1}"


def validated(model: type[Model], document: Document, context: Any = None) -> Model:
    """Return the document as this model; FileFaults lists all that does not fit, with its lines."""
    try:
        return model.model_validate(document.data, context=context)
    except ValidationError as error:
        raise FileFaults(model_faults(error, document)) from error
