"""What the client says about a real Prefect server, and how its failures read."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from flows.prefect_api import Accepted, PrefectApi, Rejected
from flows.supervisor import free_port
from playbooks.errors import NotFound, SetupFault, Unreachable
from tests.harness.prefect import Prefect

pytestmark = pytest.mark.prefect


@pytest.fixture(scope="module")
def asking(prefect: Prefect) -> Iterator[Prefect]:
    """The server with the sample flows and a warm worker."""
    prefect.deploy("api")
    with prefect.warm("api"):
        yield prefect


def test_the_same_key_gives_the_same_run_even_after_a_cancel(prefect: Prefect) -> None:
    prefect.deploy("idle")
    first, again = (
        prefect.api.create_run("ask", name=name, parameters={"question": "q"}, idempotency_key="one")
        for name in ("first", "again")
    )
    assert first == again
    assert prefect.api.cancel(first) == Accepted()
    assert prefect.api.read_runs([first])[first].state_type == "CANCELLED"
    third = prefect.api.create_run("ask", name="third", parameters={"question": "q"}, idempotency_key="one")
    assert third == first
    assert prefect.api.read_runs([first])[first].name == "first"


def test_a_deleted_run_is_missing_from_what_is_read(prefect: Prefect) -> None:
    prefect.deploy("idle")
    kept, gone = (prefect.start("ask", {"question": "q"}) for _ in range(2))
    assert prefect.api.delete_run(gone)
    assert not prefect.api.delete_run(gone)
    assert set(prefect.api.read_runs([kept, gone])) == {kept}
    assert prefect.api.read_runs([]) == {}


def test_a_form_comes_with_its_schema_its_text_and_its_defaults(asking: Prefect) -> None:
    form = asking.api.read_form(asking.ask("contained"))
    assert form is not None
    assert form.schema["required"] == ["decision"]
    assert form.description == "# contained\n\nround 0"
    assert form.initial_values == {"reason": "none"}


def test_a_blank_answer_is_refused_and_the_run_waits_on(asking: Prefect) -> None:
    run = asking.ask("blank")
    refused = asking.api.resume(run, {})
    assert isinstance(refused, Rejected)
    assert "decision" in refused.reason
    assert asking.api.read_runs([run])[run].is_suspended


def test_an_answer_has_its_instant_and_can_be_deleted_once(asking: Prefect) -> None:
    run = asking.ask("once")
    form = asking.api.read_form(run)
    assert form is not None
    assert asking.api.answer_created_at(run, form.keyset) is None
    before = datetime.now(UTC)
    assert asking.api.resume(run, {"decision": "yes"}) == Accepted()
    stored = asking.api.answer_created_at(run, form.keyset)
    assert stored is not None
    assert abs(stored - before) < timedelta(seconds=60)
    assert stored.tzinfo is UTC
    asking.reached(run, "COMPLETED")
    assert asking.api.delete_answer(run, form.keyset.response)
    assert not asking.api.delete_answer(run, form.keyset.response)


def test_a_second_resume_is_rejected(asking: Prefect) -> None:
    run = asking.ask("twice")
    assert asking.api.resume(run, {"decision": "yes"}) == Accepted()
    assert isinstance(asking.api.resume(run, {"decision": "no"}), Rejected)


def test_a_suspended_run_that_is_cancelled_ends_at_once(asking: Prefect) -> None:
    run = asking.ask("cancelled")
    assert asking.api.cancel(run) == Accepted()
    assert asking.api.read_runs([run])[run].state_type == "CANCELLED"
    assert isinstance(asking.api.resume(run, {"decision": "yes"}), Rejected)


def test_the_resume_of_a_deleted_run_is_not_found(asking: Prefect) -> None:
    run = asking.ask("deleted")
    asking.api.delete_run(run)
    with pytest.raises(NotFound):
        asking.api.resume(run, {"decision": "yes"})


def test_suspended_runs_are_found_by_tag(asking: Prefect) -> None:
    run = asking.api.create_run(
        "ask", name="r", parameters={"question": "tagged"}, tags=["INC-7", "it"], idempotency_key="tagged"
    )
    asking.asked(run, "tagged-0")
    (found,) = asking.api.suspended_runs(["INC-7", "it"])
    assert (found.id, found.name, found.parameters["question"]) == (run, "r", "tagged")
    assert asking.api.suspended_runs(["INC-7", "privacy"]) == []


def test_a_deployment_that_does_not_exist_is_not_found(prefect: Prefect) -> None:
    with pytest.raises(NotFound):
        prefect.api.deployment_id("nothing/of-that-name")


def test_a_wrong_auth_string_is_a_fault_of_the_setup(prefect: Prefect) -> None:
    with PrefectApi(prefect.api.url, "wrong:word") as stranger, pytest.raises(SetupFault, match="auth"):
        stranger.suspended_runs()


def test_a_server_that_is_away_is_unreachable() -> None:
    with PrefectApi(f"http://127.0.0.1:{free_port()}/api") as api:
        assert not api.reachable()
        with pytest.raises(Unreachable):
            api.suspended_runs()


class _Busy(http.server.BaseHTTPRequestHandler):
    """A server whose database is locked for the first two requests."""

    refusals = 2

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        locked, type(self).refusals = self.refusals > 0, self.refusals - 1
        self.send_response(503 if locked else 200)
        self.end_headers()
        self.wfile.write(b"{}" if locked else b"[]")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's own name
        pass


def test_a_busy_server_is_asked_again() -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), _Busy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with PrefectApi(f"http://127.0.0.1:{server.server_port}/api") as api:
            assert api.suspended_runs() == []
        server.shutdown()
    assert _Busy.refusals < 0
