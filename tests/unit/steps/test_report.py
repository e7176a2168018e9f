"""The page of a night is returned, and kept."""

from datetime import date

import pytest
import structlog.testing

from pipelines.domain.nights.page.answers import Answer, Answers
from pipelines.domain.nights.page.night_page import Links
from pipelines.domain.nights.page.terms import Terms
from pipelines.domain.nights.report import GateSummary, ListSummary, NightSummary
from pipelines.errors import NothingStaged
from pipelines.steps.night.report import report
from pipelines.testing.nights import MemoryNights, MemoryPages, MemoryQuestions
from tests.unit.steps.subscribers import NIGHT, POPULATION, before, configured

GATE = GateSummary("sources", checks=9, failed=1, warned=0, docs="")


SETTINGS = configured()
TERMS = Terms(
    tiers=SETTINGS.tiers, costs=SETTINGS.business.costs, capacity_pct=5.0, horizon_days=30
)


def write(nights: MemoryNights, pages: MemoryPages, as_of: date = NIGHT) -> str:
    """Run the step; the warehouse knows of the gates what the summary knows."""
    found = {
        key: Answers(
            {
                "gates": Answer(
                    "gates", "", "", [{"gate": g.gate, "failed": g.failed} for g in summary.gates]
                ),
                "list": Answer(
                    "list", "", "", [{"list_date": key[1]}] if summary.tonight is not None else []
                ),
            }
        )
        for key, summary in nights.summaries.items()
    }

    return report(
        population=POPULATION,
        as_of=as_of,
        nights=nights,
        questions=MemoryQuestions(found),
        terms=TERMS,
        links=Links(),
        pages=pages,
    )


def night(
    as_of: date, tonight: ListSummary | None, *, gates: tuple[GateSummary, ...] = ()
) -> NightSummary:
    """Return a night of which nothing is known but its list, and its gates."""
    return NightSummary(
        population=POPULATION,
        as_of=as_of,
        tiers=configured().tiers,
        tonight=tonight,
        before=None,
        risen=0,
        fallen=0,
        risen_to_top=0,
        gates=gates,
        drift=None,
        performance=None,
        alerts=(),
    )


def listed(customers: int) -> ListSummary:
    """Return a list of customers at low risk."""
    return ListSummary(NIGHT, "churn-subscribers", 3, {"low": customers}, {"low": 0.25 * customers})


def test_the_page_is_returned_as_it_is_kept() -> None:
    """Of the night that was asked for, and no other."""
    nights = MemoryNights(
        {
            (POPULATION, NIGHT): night(NIGHT, listed(12)),
            (POPULATION, before(1)): night(before(1), None),
        }
    )
    pages = MemoryPages()
    with structlog.testing.capture_logs() as logs:
        text = write(nights, pages)

    assert text.startswith("subscribers, night of 2026-06-30\n\n12 customers, scored by ")
    assert [text] == [*pages.kept.values()]
    assert [str(path) for path in pages.kept] == [entry["path"] for entry in logs]
    assert {"subscribers-2026-06-30.html", "subscribers-latest.html"} == {
        str(path) for path in pages.drawn
    }
    assert {(NIGHT, "published")} == {
        (page.as_of, page.ending.state) for page in pages.drawn.values()
    }


def test_a_night_without_a_list_has_a_page_that_says_so() -> None:
    """Who looks for the page finds the reason instead of nothing."""
    pages = MemoryPages()
    nights = MemoryNights({(POPULATION, NIGHT): night(NIGHT, None, gates=(GATE,))})
    text = write(nights, pages)

    assert "No list was published for this night." in text
    assert [text] == [*pages.kept.values()]
    assert {"held"} == {page.ending.state for page in pages.drawn.values()}


def test_a_night_that_never_ran_has_no_page() -> None:
    """A slip in the date is told, and the command that makes the night."""
    pages = MemoryPages()
    nights = MemoryNights({(POPULATION, NIGHT): night(NIGHT, None)})
    with pytest.raises(NothingStaged, match="subscribers has no night of 2026-06-30") as refused:
        write(nights, pages)

    assert "churn run --population subscribers --as-of 2026-06-30" == refused.value.next_step
    assert {} == pages.kept == pages.drawn


def test_a_later_page_replaces_the_earlier_one() -> None:
    """There is one page a night, and the same numbers give the same."""
    pages, texts = MemoryPages(), []
    for customers in (12, 13, 13):
        nights = MemoryNights({(POPULATION, NIGHT): night(NIGHT, listed(customers))})
        texts.append(write(nights, pages))

    assert texts[1] == texts[2] != texts[0]
    assert [texts[2]] == [*pages.kept.values()]
