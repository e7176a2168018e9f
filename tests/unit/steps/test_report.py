"""The page of a night is returned, and kept."""

from datetime import date

import structlog.testing

from pipelines.domain.nights.report import ListSummary, NightSummary
from pipelines.steps.report import report
from pipelines.testing.nights import MemoryNights, MemoryPages
from tests.unit.steps.subscribers import NIGHT, POPULATION, before, configured


def night(as_of: date, tonight: ListSummary | None) -> NightSummary:
    """Return a night of which nothing is known but its list."""
    return NightSummary(
        population=POPULATION,
        as_of=as_of,
        tiers=configured().tiers,
        tonight=tonight,
        before=None,
        risen=0,
        fallen=0,
        risen_to_top=0,
        gates=(),
        drift=None,
        performance=None,
        alerts=(),
    )


def listed(customers: int) -> ListSummary:
    """Return a list of customers at low risk."""
    return ListSummary(NIGHT, "churn-subscribers", 3, {"low": customers}, 0.25)


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
        text = report(population=POPULATION, as_of=NIGHT, nights=nights, pages=pages)

    assert text.startswith("subscribers, night of 2026-06-30\n\n12 customers, scored by ")
    assert [text] == [*pages.kept.values()]
    assert [str(path) for path in pages.kept] == [entry["path"] for entry in logs]


def test_a_night_without_a_list_has_a_page_that_says_so() -> None:
    """Who looks for the page finds the reason instead of nothing."""
    pages = MemoryPages()
    nights = MemoryNights({(POPULATION, NIGHT): night(NIGHT, None)})
    text = report(population=POPULATION, as_of=NIGHT, nights=nights, pages=pages)

    assert "No list was published for this night." in text
    assert [text] == [*pages.kept.values()]


def test_a_later_page_replaces_the_earlier_one() -> None:
    """There is one page a night, and the same numbers give the same."""
    pages, texts = MemoryPages(), []
    for customers in (12, 13, 13):
        nights = MemoryNights({(POPULATION, NIGHT): night(NIGHT, listed(customers))})
        texts.append(report(population=POPULATION, as_of=NIGHT, nights=nights, pages=pages))

    assert texts[1] == texts[2] != texts[0]
    assert [texts[2]] == [*pages.kept.values()]
