"""docs/notice-forms.md says what the forms say, each once."""

from __future__ import annotations

import pytest

from playbooks.notices.library import shipped_forms
from tests.checks.notices_page import PAGE, current


def test_the_page_is_in_date() -> None:
    assert PAGE.read_text("utf-8") == current(), "run `make notices`"


@pytest.mark.parametrize("form_id", shipped_forms())
def test_every_form_stands_in_the_page_once(form_id: str) -> None:
    assert current().count(f"### `{form_id}`: ") == 1
