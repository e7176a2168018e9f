"""What becomes of the pages of nights, wherever they are kept."""

from abc import ABC, abstractmethod
from datetime import date
from pathlib import Path
from typing import Generic, TypeVar

from pipelines.domain.nights.page.answers import Answers
from pipelines.domain.nights.page.night_page import NightPage
from pipelines.domain.nights.page.terms import Terms
from pipelines.domain.ports.nights import Pages
from pipelines.domain.training.measures.costs import Costs
from pipelines.testing.nights import TIERS

T = TypeVar("T", bound=Pages)

NIGHT, NEXT_NIGHT = date(2026, 3, 1), date(2026, 3, 2)
TEXT = "subscribers, night of 2026-03-01\n\nmás 10 €\n"
TERMS = Terms(tiers=TIERS, costs=Costs(200, 10, 1, 6, 14), capacity_pct=5.0, horizon_days=30)


def page(population: str, as_of: date) -> NightPage:
    """Return the page of a night nothing is known of."""
    return NightPage(population, as_of, Answers(), TERMS)


class PagesContract(ABC, Generic[T]):
    """Tests of a place without a page, which a subclass provides as the fixture `pages`."""

    @abstractmethod
    def kept(self, pages: T) -> dict[Path, str]:
        """Return every page by where it is."""

    @abstractmethod
    def drawn(self, pages: T) -> dict[str, str]:
        """Return population and date of every drawn page, one space between, by its name."""

    def test_the_newest_page_has_an_address_of_its_own(self, pages: T) -> None:
        """A page of an earlier night, drawn later, does not take it; each population has one."""
        for population, as_of in (
            ("subscribers", NIGHT),
            ("subscribers", NEXT_NIGHT),
            ("subscribers", NIGHT),
            ("trial", NIGHT),
        ):
            where = pages.draw(page(population, as_of))
            assert f"{population}-{as_of}.html" == where.name

        assert {
            "subscribers-2026-03-01.html": "subscribers 2026-03-01",
            "subscribers-2026-03-02.html": "subscribers 2026-03-02",
            "subscribers-latest.html": "subscribers 2026-03-02",
            "trial-2026-03-01.html": "trial 2026-03-01",
            "trial-latest.html": "trial 2026-03-01",
        } == self.drawn(pages)

    def test_a_page_is_kept_word_for_word(self, pages: T) -> None:
        """Where it is was returned; nothing else is there."""
        path = pages.save("subscribers", NIGHT, TEXT)

        assert {path: TEXT} == self.kept(pages)

    def test_a_page_is_saved_over_the_one_before(self, pages: T) -> None:
        """A night that is told again has one page, where the first was."""
        first = pages.save("subscribers", NIGHT, f"{TEXT} and much more that is not left behind")

        assert first == pages.save("subscribers", NIGHT, TEXT)
        assert {first: TEXT} == self.kept(pages)

    def test_every_night_and_population_has_its_own(self, pages: T) -> None:
        """None is saved over another's."""
        saved = {
            pages.save(population, as_of, f"{population} {as_of}"): f"{population} {as_of}"
            for population in ("subscribers", "trial")
            for as_of in (NIGHT, NEXT_NIGHT)
        }

        assert 4 == len(saved)
        assert saved == self.kept(pages)
