"""A message as HTML in a real browser: it fits a phone, and fetches and runs nothing."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.adapters.channels import mail_page
from pipelines.testing.contracts.alerts.channel import ALERT, telling
from tests.browser import chromium
from tests.browser.chromium import Page
from tests.night_pages import HOSTILE

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium.found() is None, reason="there is no Chromium on this machine"),
]


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """A page of a browser that runs."""
    program = chromium.found()
    assert program is not None
    with chromium.running(program) as browser:
        yield browser.page()


@pytest.mark.parametrize("width", [1400, 390])
@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
def test_a_message_fits_its_screen(page: Page, tmp_path: Path, width: int, is_dark: bool) -> None:
    """With words nobody can break; every box stands out, and nothing of data acts."""
    alerts = [
        replace(ALERT, kind=f"k{at}", title=text, body=text) for at, text in enumerate(HOSTILE)
    ]
    mail = tmp_path / "mail.html"
    mail.write_text(mail_page.page(telling(*alerts)), "utf-8")
    page.show(mail, width=width, is_dark=is_dark)

    assert width >= page.value("document.documentElement.scrollWidth")
    assert [mail.as_uri()] == page.requested()
    assert 0 == page.value("document.scripts.length")
    assert len(alerts) == page.value("document.querySelectorAll('h1').length")
    light = page.value("getComputedStyle(document.querySelector('h1')).color") == "rgb(0, 0, 0)"
    assert light != is_dark
