"""What a responder does in the Prefect UI: log in, find a question in the inbox, fill its form, submit."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

Value = str | int | Sequence[str]

PATIENCE = 90_000  # milliseconds; the machine may be busy with other things
BUSY = "Failed to resume flow run"  # the server could not just then; a person presses the button again

_TO_THE_MIDDLE = "box => box.scrollIntoView({block: 'center'})"


class PrefectUi(ABC):
    """One responder's browser; the two editions differ in where things are, not in what one does."""

    home: str
    submits: str

    def __init__(self, page: Page, base_url: str, auth: str) -> None:
        page.set_default_timeout(PATIENCE)
        self.page, self.base_url, self.auth = page, base_url.rstrip("/"), auth

    @property
    def form(self) -> Locator:
        """The dialog that holds the form."""
        return self.page.get_by_role("dialog").filter(has_text="Resume Flow Run")

    def log_in(self) -> None:
        """Give the installation's auth string at the login page."""
        self.page.goto(f"{self.base_url}{self.home}/login")
        self.page.get_by_placeholder("admin:pass").fill(self.auth)
        self.page.get_by_role("button", name="Login").click()
        self.page.wait_for_url("**/dashboard*")

    def open_inbox(self, tag: str = "") -> None:
        """List the suspended runs: all that wait for somebody, or those of one incident."""
        self.page.goto(self.base_url + self.inbox(quote(tag)))

    def find_run(self, name: str, tag: str = "") -> None:
        """Look at the inbox, again and again, until it lists a run whose name contains this."""
        for _ in range(PATIENCE // 3000):
            self.open_inbox(tag)
            try:
                return self._run(name).wait_for(timeout=3000)
            except PlaywrightTimeout:
                continue
        raise AssertionError(f"never in the inbox: {name}; there is {self._runs().all_inner_texts()}")

    def open_run(self, name: str) -> None:
        """Open the run of the inbox whose name contains this."""
        self._run(name).click()
        self.page.wait_for_url("**/flow-run/**")

    def open_form(self) -> None:
        """Bring up the form of the run that is open."""
        self.press_resume()
        self.form.get_by_role("button", name=self.submits).wait_for()
        self.field("One-time code").wait_for()

    def fill(self, values: Mapping[str, Value]) -> None:
        """Fill fields by their titles: text and numbers are typed, choices are picked from their list."""
        for title, value in values.items():
            box = self.field(title)
            box.locator("textarea, input, button").first.wait_for()
            typed = box.locator("textarea, input")
            if typed.count():
                typed.first.fill(str(value))
            elif isinstance(value, Sequence) and not isinstance(value, str):
                self._choose_all(box, value)
            else:
                box.evaluate(_TO_THE_MIDDLE)  # at the edge its list may unfold beyond the window
                self.open_choices(box)
                self._option(str(value)).click()
                self._folded()

    def submit(self) -> None:
        """Press the button under the form, once what was said of the last press has gone."""
        expect(self.toast()).to_have_count(0, timeout=PATIENCE)
        self.form.get_by_role("button", name=self.submits).click()

    def submission_error(self) -> str | None:
        """What the UI has against the form just submitted; None once the run resumed."""
        resumed, refused = self.toast().filter(has_text="resumed"), self.refusals()
        resumed.or_(refused).first.wait_for()
        return None if resumed.count() else "; ".join(refused.all_inner_texts())

    def submit_in_the_end(self) -> None:
        """Submit a right form, again where the server was too busy for it; fails on any refusal."""
        self.submit()
        while (said := self.submission_error()) is not None:
            assert BUSY in said, said
            self.submit()

    def _run(self, name: str) -> Locator:
        return self._runs().filter(has_text=name).first

    def _runs(self) -> Locator:
        return self.page.locator("a[href*='/runs/flow-run/']")

    def _option(self, label: str) -> Locator:
        return self.page.get_by_role("option", name=label, exact=True)

    def _choose_all(self, box: Locator, labels: Sequence[str]) -> None:
        """Make exactly these the chosen ones of a list: picking one again takes it out."""
        changed = set(labels) ^ set(self.chosen(box))
        if changed:
            self.open_choices(box)
            for label in sorted(changed):
                self._option(label).click()
            self.close_choices()
            self._folded()

    def _folded(self) -> None:
        """Wait until a list is gone: while it fades it would fold the next one too."""
        expect(self.page.get_by_role("option")).to_have_count(0, timeout=PATIENCE)

    @abstractmethod
    def inbox(self, tag: str) -> str:
        """The path of the list of suspended runs."""

    @abstractmethod
    def press_resume(self) -> None:
        """Ask for the form of the run that is open."""

    @abstractmethod
    def field(self, title: str) -> Locator:
        """The part of the form in which a field is answered."""

    @abstractmethod
    def open_choices(self, box: Locator) -> None:
        """Unfold the list of a choice."""

    @abstractmethod
    def close_choices(self) -> None:
        """Fold the list of a choice that takes several."""

    @abstractmethod
    def chosen(self, box: Locator) -> list[str]:
        """What is chosen in a list now."""

    @abstractmethod
    def toast(self) -> Locator:
        """The notes that the UI shows for some seconds."""

    @abstractmethod
    def refusals(self) -> Locator:
        """Where the UI says what is wrong with a form."""


def titled(title: str) -> re.Pattern[str]:
    """The label of a field: the UI itself adds whether it may be left out."""
    return re.compile(rf"^\s*{re.escape(title)}( \(Optional\))?\s*$")
