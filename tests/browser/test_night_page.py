"""The page of a night in a real browser: it fits, can be read, fetches nothing and runs nothing."""

import base64
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests import databases, night_pages
from tests.browser import chromium
from tests.browser.chromium import Page
from tests.night_pages import PUBLISHED, STATES, Pages

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium.found() is None, reason="there is no Chromium on this machine"),
]
# A4 within its margins, in pixels of a 96th of an inch.
PAPER = 688
# WCAG 2.2, 1.4.3: large is 24 pixels, or 18.66 and bold.
CONTRAST = """
(() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgb = color => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = element => {
    for (let at = element; at; at = at.parentElement) {
      const found = rgb(getComputedStyle(at).backgroundColor);
      if (found[3] === 255) return found;
    }
    return [255, 255, 255, 255];
  };
  document.querySelectorAll('details').forEach(each => each.open = true);
  const found = [], seen = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let texts = 0;
  while (seen.nextNode()) {
    const element = seen.currentNode.parentElement, style = getComputedStyle(element);
    if (!seen.currentNode.data.trim() || element.closest('svg')) continue;
    if (!element.getClientRects().length) continue;
    const [a, b] = [light(rgb(style.color)), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize);
    const needed = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
    texts += 1;
    if (ratio < needed) found.push([seen.currentNode.data.trim().slice(0, 40), ratio.toFixed(2)]);
  }
  return {texts, found};
})()
"""
# What a cell holds has to be within it, and no word of a heading may be cut.
CUT = """
[...document.querySelectorAll('th, td, dt, dd, p, h1, h2, h3, li, summary')]
  .filter(each => each.getClientRects().length && !each.closest('.unseen'))
  .filter(each => each.scrollWidth > each.clientWidth + 1)
  .map(each => each.textContent.trim().slice(0, 40))
"""


@pytest.fixture(scope="module")
def pages(
    server_url: str, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pages]:
    """The pages of four nights with hostile names."""
    home = tmp_path_factory.mktemp("pages")
    with databases.created(server_url, "browser_pages", template=migrated) as warehouse:
        yield night_pages.write(warehouse, home)


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """A page of a browser that runs."""
    program = chromium.found()
    assert program is not None
    with chromium.running(program) as browser:
        yield browser.page()


@pytest.mark.parametrize("as_of", STATES)
@pytest.mark.parametrize("width", [1400, 768, 390, 320])
def test_it_fits_its_screen(page: Page, pages: Pages, as_of: date, width: int) -> None:
    """Nothing but a table within its own frame is wider than the screen, and no word is cut."""
    page.show(pages.files[as_of], width=width)

    assert width >= page.value("document.documentElement.scrollWidth")
    assert [] == page.value(CUT)


@pytest.mark.parametrize("as_of", STATES)
def test_it_fetches_nothing_and_runs_nothing(page: Page, pages: Pages, as_of: date) -> None:
    """One file is read; no dialog opens, and the browser finds no fault with the page."""
    page.show(pages.files[as_of], width=1400)

    assert [pages.files[as_of].as_uri()] == page.requested()
    assert [] == page.complaints()
    assert 0 == page.value("document.scripts.length")
    assert not any(e["method"] == "Page.javascriptDialogOpening" for e in page.events)
    assert "system-ui" in page.value("getComputedStyle(document.body).fontFamily")


@pytest.mark.parametrize("as_of", STATES)
@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
def test_every_text_stands_out(page: Page, pages: Pages, as_of: date, is_dark: bool) -> None:
    """By the contrast that WCAG asks for at level AA, whatever is folded away unfolded."""
    page.show(pages.files[as_of], width=1400, is_dark=is_dark)
    told = page.value(CONTRAST)

    assert told["texts"] > 100
    assert [] == told["found"]


def test_dark_is_dark_and_paper_is_white(page: Page, pages: Pages) -> None:
    """The colours follow what the reader prefers; on paper they are those of daylight."""
    background = "getComputedStyle(document.body).backgroundColor"
    found = []
    for is_dark, is_printed in ((False, False), (True, False), (True, True)):
        page.show(pages.files[PUBLISHED], width=1400, is_dark=is_dark, is_printed=is_printed)
        found.append(page.value(background))

    assert "rgb(255, 255, 255)" == found[0] == found[2] != found[1]


@pytest.mark.parametrize("as_of", STATES)
def test_it_is_printed(page: Page, pages: Pages, as_of: date) -> None:
    """On a few sheets, each as wide as paper, without the SQL and with what is open."""
    page.show(pages.files[as_of], width=1400)
    printed = base64.b64decode(page.call("Page.printToPDF")["data"])
    page.show(pages.files[as_of], width=PAPER, is_printed=True)

    assert printed.startswith(b"%PDF-")
    assert 2 <= printed.count(b"/Type /Page\n") <= 6
    assert PAPER >= page.value("document.documentElement.scrollWidth")
    assert [] == page.value(CUT)
    assert not page.value("[...document.querySelectorAll('.sql')].some(e => e.checkVisibility())")
    assert page.value("document.querySelector('#matters').checkVisibility()")


@pytest.mark.skipif("AXE_CORE" not in os.environ, reason="AXE_CORE names no axe.min.js")
@pytest.mark.parametrize("as_of", STATES)
@pytest.mark.parametrize("width", [1400, 390])
@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
def test_axe_finds_no_violation(
    page: Page, pages: Pages, as_of: date, width: int, is_dark: bool
) -> None:
    """Of any rule, with everything that is folded away unfolded."""
    page.show(pages.files[as_of], width=width, is_dark=is_dark)
    page.value(Path(os.environ["AXE_CORE"]).read_text("utf-8"))
    page.value("document.querySelectorAll('details').forEach(each => each.open = true)")
    told = page.value(
        "axe.run().then(r => [r.passes.length, "
        "r.violations.map(v => [v.id, v.nodes.map(n => n.html)])])"
    )

    assert told[0] > 15
    assert [] == told[1]
