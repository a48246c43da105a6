"""A whole installation on a fresh data folder, and a responder's browser before it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from flows.installation import prepare, supervise
from flows.supervisor import free_port, locked
from tests.browser.editions import EDITIONS, Version
from tests.browser.installed import Installed, enrol_all
from tests.browser.prefect_ui import PrefectUi

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
ELSEWHERE = re.compile(r"^https?://(?!127\.0\.0\.1[:/])")


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """The four processes as `seventytwo up` starts them, with responders, a client and a source."""
    data = tmp_path_factory.mktemp("installation")
    with locked(data):
        installation = prepare(data, prefect_port=free_port(), desk_port=free_port())
        house = installation.house()
        with supervise(installation):
            yield enrol_all(installation, house)
        house.api.close()
        house.store.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The machine's Chromium, else the one that Playwright installed."""
    found = next((path for name in CHROMIUMS if (path := shutil.which(name))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(params=["v1", "v2"])
def edition(request: pytest.FixtureRequest) -> Version:
    """The edition of the UI; each test runs in both."""
    chosen: Version = request.param
    return chosen


@pytest.fixture
def ui(edition: Version, installed: Installed, chromium: Browser) -> Iterator[PrefectUi]:
    """A fresh window of an ordinary laptop's size, kept from every host but this machine."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    context.route(ELSEWHERE, lambda route: route.abort())
    yield EDITIONS[edition](context.new_page(), installed.prefect_url, installed.auth)
    context.close()


@pytest.fixture
def saw(ui: PrefectUi, request: pytest.FixtureRequest) -> Iterator[Callable[[str], None]]:
    """Keeps what the responder sees as a picture in `out/`; the last sight of each test is kept anyway."""
    folder = request.config.rootpath / "out"
    folder.mkdir(exist_ok=True)
    name = re.sub(r"\W+", "-", request.node.name).strip("-")

    def keep(sight: str) -> None:
        ui.page.screenshot(path=folder / f"{name}-{sight}.png")

    yield keep
    keep("last")
