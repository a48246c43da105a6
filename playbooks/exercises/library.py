"""The scenarios of this house: those shipped beside this file, then the organisation's own folders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playbooks.errors import Fault, FileFaults, NotFound
from playbooks.exercises.reading import ScenarioFile, scenario_of
from playbooks.exercises.scenario import Scenario
from playbooks.folders import document_at, documents_in

SHIPPED_SCENARIOS: Final = Path(__file__).parent / "scenarios"


@dataclass(frozen=True)
class Scenarios(Mapping[str, Scenario]):
    """Every scenario by id; a later folder replaces what it names anew."""

    _files: Mapping[str, ScenarioFile]

    def __getitem__(self, scenario_id: str) -> Scenario:
        return self._files[scenario_id].scenario

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def named(self, name: str) -> Scenario:
        """Return the scenario of an id; raises NotFound with what there is."""
        if name not in self._files:
            raise NotFound("no such scenario", which=name[:60], mend=f"use one of: {', '.join(self._files)}")
        return self[name]

    def file(self, name: str) -> ScenarioFile:
        """Return the scenario of an id with its file; raises NotFound with what there is."""
        self.named(name)
        return self._files[name]


def load_scenarios(folders: Iterable[Path] = ()) -> Scenarios:
    """Return every scenario; FileFaults lists all that is wrong in all files, and loads none."""
    faults: list[Fault] = []
    found: dict[str, ScenarioFile] = {}
    for folder in (SHIPPED_SCENARIOS, *folders):
        found |= _of_folder(folder, faults)
    if faults:
        raise FileFaults(tuple(faults))
    return Scenarios(dict(sorted(found.items())))


def scenario_file(name: str, folders: Iterable[Path] = ()) -> ScenarioFile:
    """Return the scenario of an id, or of the YAML file at that path; raises NotFound or FileFaults."""
    path = Path(name)
    if path.suffix in (".yaml", ".yml"):
        return scenario_of(document_at(path))
    return load_scenarios(folders).file(name)


def _of_folder(folder: Path, faults: list[Fault]) -> dict[str, ScenarioFile]:
    """The scenarios of one folder; what is wrong is noted, an id that stands there twice too."""
    documents, wrong = documents_in(folder)
    faults += wrong
    found: dict[str, ScenarioFile] = {}
    for document in documents:
        try:
            read = scenario_of(document)
        except FileFaults as error:
            faults += error.faults
            continue
        if (twin := found.get(read.scenario.id)) is not None:
            what = f"scenario `{read.scenario.id}` stands in {Path(twin.document.file).name} too"
            faults.append(document.fault(("id",), what, "keep one, or give it its own id"))
        found[read.scenario.id] = read
    return found
