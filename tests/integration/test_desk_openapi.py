"""The desk against its own document: whatever may be sent is answered as described, and never by a fault."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlmodel import select

from flows.desk.openapi import as_json
from store.database import Store
from store.tables import Incident, Question
from tests.harness.databases import SqliteFiles, fixed_keyring
from tests.harness.desks import SECRET, DeskUnderTest, add_source, desk_on, house_on

OPERATIONS = [
    (method, path)
    for path, methods in json.loads(as_json())["paths"].items()
    for method in methods
    if method in {"get", "post"}
]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = {GenerationMode.POSITIVE: 25, GenerationMode.NEGATIVE: 10}
PROOF = {"Authorization": f"Bearer {SECRET}"}
KINDS = ("auto", "generic", "alertmanager", "guardduty")


@pytest.fixture(scope="module")
def desk(sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskUnderTest]:
    folder = tmp_path_factory.mktemp("openapi")
    store = Store.open(sqlite_files.new(folder), fixed_keyring())
    for kind in KINDS:
        add_source(store, kind, kind, "bearer", per_minute=0)
    with desk_on(house_on(store, folder)) as desk:
        yield desk
    store.close()


def exercise(
    desk: DeskUnderTest, method: str, path: str, mode: GenerationMode, headers: Mapping[str, str], **at: str
) -> set[int]:
    """Send what hypothesis makes of an operation; the statuses that came back."""
    schema = schemathesis.openapi.from_url(f"{desk.url}/openapi.json")
    operation: APIOperation[Any, Any, Any, Any] = schema[path][method.upper()]
    seen: set[int] = set()

    @settings(
        max_examples=EXAMPLES[mode],
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def sends(case: Case[Any]) -> None:
        if at:
            case.path_parameters = dict(at)
        answer = case.call(headers=dict(headers), allow_redirects=False)
        seen.add(answer.status_code)
        # A desk without a watch says at /health that it is unwell, which is no fault.
        wanted = [check for check in CHECKS if check is not not_a_server_error or path != "/health"]
        case.validate_response(answer, checks=wanted)

    sends()
    return seen


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_what_may_be_sent_is_answered_as_described(desk: DeskUnderTest, method: str, path: str) -> None:
    assert exercise(desk, method, path, GenerationMode.POSITIVE, {})


@pytest.mark.parametrize(("method", "path"), [one for one in OPERATIONS if "{" in one[1]])
def test_what_may_not_be_sent_is_answered_as_described(desk: DeskUnderTest, method: str, path: str) -> None:
    assert exercise(desk, method, path, GenerationMode.NEGATIVE, {})


@pytest.mark.parametrize("path", ["/i/{ref}", "/q/{ref}"])
def test_what_is_there_is_answered_as_described(desk: DeskUnderTest, path: str) -> None:
    desk.post("generic", {"title": "There", "fingerprint": "there"}, **PROOF)
    with desk.store.reading() as session:
        refs = [*session.exec(select(Incident.ref)), *session.exec(select(Question.ref))]
    for ref in refs[:1] + refs[-1:]:
        assert exercise(desk, "get", path, GenerationMode.POSITIVE, {}, ref=ref)


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_a_proven_source_sends_is_answered_as_described(desk: DeskUnderTest, kind: str) -> None:
    statuses = exercise(desk, "post", "/alerts/{source}", GenerationMode.POSITIVE, PROOF, source=kind)
    assert statuses & {202, 400, 422}
    assert not statuses & {401, 404}


def test_every_way_into_the_desk_is_in_its_document(desk: DeskUnderTest) -> None:
    served = httpx.get(f"{desk.url}/openapi.json", timeout=60).json()
    described = {(method, path) for path, methods in served["paths"].items() for method in methods}
    assert set(OPERATIONS) <= described
    for method, path in described & set(OPERATIONS):
        there = path.format(source="nobody", ref="none", number=1, word="none")
        answer = httpx.request(method, desk.url + there, timeout=60)
        assert answer.status_code != 405, path
