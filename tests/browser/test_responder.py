"""A responder answers in the Prefect UI, in both of its editions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from flows.clock import wall_now
from tests.browser.installed import Installed
from tests.browser.prefect_ui import PrefectUi, Value

pytestmark = [
    pytest.mark.browser,
    # the supervisor of an installation asks its server on a connection that nobody closes
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
]

Saw = Callable[[str], None]

CONFIRM, PRESERVE = "confirm or explain the alert", "stop logs from expiring"
TRIAGE, CONTAIN = "establish whose data", "disable the account"
MISFIT = "the code does not fit this responder"


def test_a_refused_answer_comes_back_saying_why_and_a_right_one_opens_the_next_question(
    ui: PrefectUi, installed: Installed, edition: str, saw: Saw
) -> None:
    ref = installed.raise_alert(f"A bulk download, seen in {edition}")
    ui.log_in()
    _open_question(ui, CONFIRM, ref)
    ui.fill({"Who answers": "commander-1", **_confirmation(), "One-time code": "12345"})
    ui.submit()
    assert "'12345' does not match" in (ui.submission_error() or "")
    saw("refused-by-the-form")

    ui.fill({"One-time code": installed.wrong_code("commander-1")})
    ui.submit_in_the_end()
    _open_question(ui, CONFIRM, ref)
    expect(ui.form.get_by_text(MISFIT).locator("visible=true").first).to_be_visible()
    saw("came-back")

    _fill_and_submit(ui, installed, "commander-1", _confirmation())
    _answer(ui, installed, PRESERVE, ref, "it-1", _preservation())
    ui.find_run(TRIAGE, ref)
    saw("next-question")


@pytest.mark.parametrize("edition", [pytest.param("v1", marks=pytest.mark.soak), "v2"])
def test_lists_and_ranges_are_filled_as_the_form_shows_them(
    ui: PrefectUi, installed: Installed, edition: str, saw: Saw
) -> None:
    ref = installed.raise_alert(f"A wide triage, seen in {edition}")
    ui.log_in()
    _answer(ui, installed, CONFIRM, ref, "commander-1", _confirmation())
    _answer(ui, installed, PRESERVE, ref, "it-1", _preservation())
    _answer(ui, installed, TRIAGE, ref, "commander-2", _triage())
    ui.find_run(CONTAIN, ref)
    saw("next-question")


def _open_question(ui: PrefectUi, name: str, ref: str) -> None:
    ui.find_run(name, ref)
    ui.open_run(name)
    ui.open_form()


def _answer(
    ui: PrefectUi, installed: Installed, name: str, ref: str, handle: str, values: Mapping[str, Value]
) -> None:
    """Answer a question at the first go."""
    _open_question(ui, name, ref)
    _fill_and_submit(ui, installed, handle, values)


def _fill_and_submit(ui: PrefectUi, installed: Installed, handle: str, values: Mapping[str, Value]) -> None:
    """Fill the form that is open, and read the code last: it lives for half a minute."""
    ui.fill({"Who answers": handle, **values})
    ui.fill({"One-time code": installed.code(handle)})
    ui.submit_in_the_end()


def _confirmation() -> dict[str, Value]:
    return {
        "Decision": "done",
        "Is this a security incident?": "yes",
        "When was it first detected?": _ago(minutes=20),
        "Where does it come from?": "stolen_credential",
        "What was checked, and with whom (by role)?": "No approved job explains it, says the system's owner.",
    }


def _preservation() -> dict[str, Value]:
    return {
        "Decision": "done",
        "Which logs are held, and for which period?": "The storage access log of the last 30 days",
        "Since when is deletion suspended?": _ago(minutes=5),
    }


def _triage() -> dict[str, Value]:
    return {
        "Decision": "done",
        "Which clients are affected?": ["example-retail"],
        "Is personal data affected?": "yes",
        "Which categories of data are affected?": ["contact", "financial"],
        "In which jurisdictions are the affected people?": ["EU"],
        "How many people are affected?": "1800-2500",
        "What is our role for this data?": "processor",
        "When did we become aware?": _ago(minutes=15),
    }


def _ago(*, minutes: int) -> str:
    return f"{wall_now() - timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"
