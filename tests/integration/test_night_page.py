"""The page of a night: its numbers are what its SQL answers, and its data is text."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pipelines.adapters.warehouse import read_only_query, reader_login
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.errors import NothingStaged
from tests import databases, night_pages
from tests.night_pages import FAILED, HELD, PUBLISHED, STATES, UNFINISHED, Pages

VOID = {"meta", "rect", "ellipse"}
LEVELS = {"h1": 1, "h2": 2, "h3": 3}
NUMBERS = 60


@dataclass
class Number:
    """A number of a page, as it is shown, and where it comes from."""

    question: str
    row: int
    column: str
    value: str
    shown: str = ""


@dataclass
class Read(HTMLParser):
    """A page as a reader of HTML finds it; what is not closed in its order fails."""

    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    numbers: list[Number] = field(default_factory=list)
    questions: dict[str, str] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    _open: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin."""
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember what begins."""
        found = dict(attrs)
        assert len(found) == len(attrs), (tag, attrs)
        self.tags.append((tag, found))
        if tag not in VOID:
            self._open.append((tag, found))
        if tag == "data":
            self.numbers.append(
                Number(
                    str(found["data-question"]),
                    int(str(found["data-row"])),
                    str(found["data-column"]),
                    str(found["value"]),
                )
            )

    def handle_endtag(self, tag: str) -> None:
        """Close what was begun last."""
        if tag not in VOID:
            assert tag == self._open.pop()[0]

    def handle_data(self, data: str) -> None:
        """Keep text where it belongs."""
        within = [tag for tag, _ in self._open]
        if "style" not in within:
            self.words.append(data)
        if "data" in within:
            self.numbers[-1].shown += data
        if within[-2:] == ["pre", "code"]:
            self.questions[str(self._open[-1][1]["data-question"])] = data

    def of(self, *names: str) -> list[dict[str, str | None]]:
        """Return the attributes of every element of some names."""
        return [found for tag, found in self.tags if tag in names]


def read(text: str) -> Read:
    """Return a page as it is read."""
    found = Read()
    found.feed(text)
    found.close()
    assert [] == found._open

    return found


@pytest.fixture(scope="module")
def written(
    server_url: str, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Pages, str]]:
    """The pages, and the warehouse as somebody who may read the lists reaches it."""
    home = tmp_path_factory.mktemp("night_pages")
    with databases.created(server_url, "night_pages", template=migrated) as warehouse:
        pages = night_pages.write(warehouse, home)
        reader_login.ensure(warehouse.url, home)
        yield pages, reader_login.url(warehouse.url, home)


@pytest.fixture(scope="module")
def pages(written: tuple[Pages, str]) -> dict[date, Read]:
    """Every page as it is read."""
    return {as_of: read(text) for as_of, text in written[0].texts.items()}


@pytest.mark.parametrize("as_of", STATES)
def test_every_number_is_what_its_sql_answers(
    written: tuple[Pages, str], pages: dict[date, Read], as_of: date
) -> None:
    """Asked as the analyst, who may only read; what is shown is the number, rounded."""
    page, url = pages[as_of], written[1]
    answers = {name: read_only_query.ask(url, sql) for name, sql in page.questions.items()}

    assert len(page.numbers) > (NUMBERS if as_of == PUBLISHED else 15)
    for number in page.numbers:
        answer = answers[number.question]
        value = answer.rows[number.row][answer.columns.index(number.column)]
        assert pytest.approx(float(number.value), rel=1e-9) == float(value), number
        _is_rounded(number)


def _is_rounded(number: Number) -> None:
    """Fail unless a number is shown as it is, to the digits that are shown."""
    shown = number.shown.replace(",", "").replace("\N{MINUS SIGN}", "-").replace("\xa0%", "")
    digits = len(shown.partition(".")[2])
    value = float(number.value)
    # A share of 1 is shown in percent, a percentage is one already.
    found = {round(value, digits), round(100 * value, digits)}
    nearest = min(abs(float(shown) - each) for each in found)
    assert nearest <= 0.51 * 10**-digits, number


def test_every_question_is_on_the_page_and_answered(
    written: tuple[Pages, str], pages: dict[date, Read]
) -> None:
    """Also the one that names customers: whoever may read the list gets them, and the page not."""
    page = pages[PUBLISHED]
    asked = {path.stem for path in (night_pages.ROOT / "sql" / "night").glob("*.sql")}

    assert len(asked) > 15
    assert asked - {"attempts"} == set(page.questions)
    who = read_only_query.ask(written[1], page.questions["who"])
    shown = sum(
        int(number.value)
        for number in page.numbers
        if (number.question, number.column) == ("new_at_risk", "customers")
    )
    assert 0 < shown == len(who.rows)


@pytest.mark.parametrize("as_of", STATES)
def test_nobody_is_on_a_page(written: tuple[Pages, str], as_of: date) -> None:
    """Neither an id nor a reason with somebody's values."""
    text = written[0].texts[as_of]

    assert [] == re.findall(r"C0\d{3}", text)
    assert " of C" not in text


@pytest.mark.parametrize("as_of", STATES)
def test_what_the_data_says_is_text(pages: dict[date, Read], as_of: date) -> None:
    """No script, no handler, no address outside of this machine, no frame and no form."""
    page = pages[as_of]
    allowed = {
        *("html", "head", "meta", "title", "style", "body", "a", "header", "main", "footer"),
        *("div", "section", "h1", "h2", "h3", "p", "span", "dl", "dt", "dd", "ul", "li", "bdi"),
        *("table", "caption", "thead", "tbody", "tr", "th", "td", "details", "summary", "pre"),
        *("code", "data", "svg", "rect", "ellipse"),
    }

    assert set() == {tag for tag, _ in page.tags} - allowed
    attributes = {name for _, found in page.tags for name in found}
    assert [] == sorted(name for name in attributes if name.startswith("on") or name == "style")
    links = [str(found.get("href")) for found in page.of("a")]
    assert [] == [link for link in links if not re.match(r"#|\.\./|http://127\.0\.0\.1:", link)]
    assert set() == attributes & {"src", "srcdoc", "action", "background", "data", "xlink:href"}


def test_hostile_names_are_shown_as_they_are(pages: dict[date, Read]) -> None:
    """A reader sees what it is called; what would turn the text around is written out."""
    words = "".join(pages[PUBLISHED].words)

    for name in (night_pages.SCRIPT, night_pages.FORMULA, night_pages.LONG, night_pages.QUOTES):
        assert name in words
    assert "\u202e" not in words
    assert r"\u202eevil" in words


def test_a_night_says_how_it_ended_and_what_is_next(pages: dict[date, Read]) -> None:
    """Why there is no list, how old the one people see is, and the next command."""
    words = {as_of: " ".join("".join(page.words).split()) for as_of, page in pages.items()}

    assert "Published" in words[PUBLISHED]
    assert "A list was refused, and none was published for this night." in words[HELD]
    assert "People see the list of 2026-03-02, 1 day older than this night." in words[HELD]
    assert f"sources gate: 7 of 7 checks failed {night_pages.SCRIPT}" in words[HELD]
    assert f"Owner: data. Next: churn sql \"select '{night_pages.SCRIPT}'\"" in words[HELD]
    assert "A task failed, and no list was published for this night." in words[FAILED]
    assert "2 days older than this night." in words[FAILED]
    assert "Owner: data. Next: churn features --as-of 2026-03-04" in words[FAILED]
    assert "Open warning drift: 2 of 6 checks" in words[PUBLISHED]
    assert "Owner: science. Next: churn drift --as-of 2026-03-02 " in words[PUBLISHED]
    assert "Also open warning drift: 2 of 6 checks" in words[HELD]
    assert "Owner: science. Since 2026-03-02. Next: churn drift --as-of 2026-03-03 " in words[HELD]
    assert "Also open critical sources gate" in words[FAILED]
    assert "Not finished" in words[UNFINISHED]
    assert "Next: churn run --population subscribers --as-of 2026-03-05" in words[UNFINISHED]


@pytest.mark.parametrize("as_of", STATES)
def test_a_page_can_be_read_by_everybody(pages: dict[date, Read], as_of: date) -> None:
    """Landmarks, headings in their order, heads of tables with a scope, pictures with words."""
    page = pages[as_of]
    levels = [LEVELS[tag] for tag, _ in page.tags if tag in LEVELS]

    assert [{"lang": "en"}] == page.of("html")
    assert [1, 1, 1] == [len(page.of(name)) for name in ("header", "main", "footer")]
    assert 1 == levels[0] == levels.count(1)
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(levels))
    assert {"row", "col"} == {found.get("scope") for found in page.of("th")}
    assert len(page.of("table")) == len(page.of("caption")) > 0
    names = [found["id"] for _, found in page.tags if "id" in found]
    assert len(names) == len({*names})
    labelled = [found["aria-labelledby"] for _, found in page.tags if "aria-labelledby" in found]
    assert set(labelled) <= {*names}
    regions = [
        found.get("aria-label") or found.get("aria-labelledby")
        for _, found in page.tags
        if found.get("role") == "region"
    ]
    assert len(regions) == len({*regions}) > 10
    for picture in page.of("svg"):
        is_told = picture.get("role") == "img" and bool(picture.get("aria-label"))
        assert is_told or "true" == picture.get("aria-hidden")


def test_the_newest_page_has_a_stable_address(written: tuple[Pages, str]) -> None:
    """It is that of the latest night, whatever became of it; nobody but its owner reads it."""
    folder = written[0].folder
    newest = folder.newest(night_pages.POPULATION)

    assert written[0].texts[UNFINISHED] == newest.read_text("utf-8")
    assert {0o600} == {path.stat().st_mode & 0o777 for path in folder.folder.iterdir()}


def test_a_night_that_never_was_has_no_page(warehouse: Warehouse, tmp_path: Path) -> None:
    """In an empty warehouse there is nothing to show."""
    with pytest.raises(NothingStaged, match="has no night of"):
        night_pages.page(warehouse, tmp_path, PUBLISHED)
    assert [] == [*tmp_path.iterdir()]
