"""Where the two editions of the Prefect UI keep what a responder needs; found out on Prefect 3.8.8."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from playwright.sync_api import Locator

from tests.browser.prefect_ui import PrefectUi, titled

Version = Literal["v1", "v2"]


class UiV1(PrefectUi):
    """The older edition, at `/`."""

    home, submits = "", "Submit"

    def inbox(self, tag: str) -> str:
        """A year back: without a span this edition lists the past seven days alone."""
        return "/runs?state=Suspended&type=span&seconds=-31536000" + (f"&tag={tag}" if tag else "")

    def press_resume(self) -> None:
        """The run's page has a button for it."""
        self.page.get_by_role("button", name="Resume").click()

    def field(self, title: str) -> Locator:
        """The label names no control here, so the field is found by what surrounds both."""
        label = self.page.locator(".schema-form-property__label", has_text=titled(title))
        return self.form.locator(".schema-form-property").filter(has=label).first.locator("fieldset").first

    def open_choices(self, box: Locator) -> None:
        """By the arrows: a click on the box itself unfolds the list and folds it at once (Prefect 3.8.8)."""
        box.locator(".p-select-button__icon").click()

    def close_choices(self) -> None:
        """A click elsewhere folds it."""
        self.form.get_by_text("Resume Flow Run").click()

    def chosen(self, box: Locator) -> list[str]:
        """They stand as tags in the box."""
        return [text.strip() for text in box.locator(".p-tag").all_inner_texts()]

    def toast(self) -> Locator:
        """At the lower right, for five seconds; the page holds every one twice."""
        return self.page.locator("#prefect-design-toast-app").first.locator(".p-toast-container__toast")

    def refusals(self) -> Locator:
        """Beside the field where something is missing, in a note for the rest."""
        said = self.toast().filter(has_text=re.compile("Reason|Failed"))
        return self.form.locator(".p-label__message--failed").or_(said)


class UiV2(PrefectUi):
    """The edition where a browser lands, at `/v2`."""

    home, submits = "/v2", "Resume"

    def inbox(self, tag: str) -> str:
        """All there are, however old."""
        return "/v2/runs?tab=flow-runs&state=Suspended" + (f"&tags={tag}" if tag else "")

    def press_resume(self) -> None:
        """It is in the menu of three dots."""
        self.page.get_by_role("button", name="Open menu").first.click()
        self.page.get_by_role("menuitem", name="Resume").click()

    def field(self, title: str) -> Locator:
        """The label stands above the control, in the same group."""
        label = self.page.locator("label", has_text=titled(title))
        return self.form.locator("div.group").filter(has=label).first.locator("fieldset").first

    def open_choices(self, box: Locator) -> None:
        """The whole box is a button."""
        box.get_by_role("button").first.click()

    def close_choices(self) -> None:
        """The key folds the list; pressed once more it would close the form."""
        self.page.keyboard.press("Escape")

    def chosen(self, box: Locator) -> list[str]:
        """They stand as tags under the box, each with a button that removes it."""
        buttons = box.get_by_role("button", name=re.compile(r"^Remove .* tag$")).all()
        names = (button.get_attribute("aria-label") or "" for button in buttons)
        return [name.removeprefix("Remove ").removesuffix(" tag") for name in names]

    def toast(self) -> Locator:
        """At the lower right."""
        return self.page.get_by_role("region", name="Notifications").get_by_role("listitem")

    def refusals(self) -> Locator:
        """In a note, and nowhere else."""
        return self.toast().filter(has_text=re.compile("Reason|Failed"))


EDITIONS: Mapping[Version, type[PrefectUi]] = {"v1": UiV1, "v2": UiV2}
