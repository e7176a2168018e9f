"""What becomes of the pages of nights, wherever they are kept."""

from abc import ABC, abstractmethod
from datetime import date
from pathlib import Path
from typing import Generic, TypeVar

from pipelines.domain.ports.nights import Pages

T = TypeVar("T", bound=Pages)

NIGHT, NEXT_NIGHT = date(2026, 3, 1), date(2026, 3, 2)
TEXT = "subscribers, night of 2026-03-01\n\nmás 10 €\n"


class PagesContract(ABC, Generic[T]):
    """Tests of a place without a page, which a subclass provides as the fixture `pages`."""

    @abstractmethod
    def kept(self, pages: T) -> dict[Path, str]:
        """Return every page by where it is."""

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
