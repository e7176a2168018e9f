"""Into which tiers customers are put: by thresholds, or as the latest published list was cut."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipelines.api.problems import come_again
from pipelines.domain.ports.service import PublishedLists
from pipelines.domain.scoring.tiers import TierPolicy
from pipelines.domain.serving.published import Cut


@dataclass
class ListTiers:
    """
    How lists were cut, looked up again after a while.

    Attributes:
        lists: Where that is written.
        tiers: Tiers of churn.toml.
        seconds: For how long what was looked up holds.
    """

    lists: PublishedLists
    tiers: TierPolicy
    seconds: float
    _known: dict[str, tuple[float, Cut]] = field(default_factory=dict)

    @property
    def depend_on_lists(self) -> bool:
        """Whether a tier depends on the whole list, or on the list before."""
        return bool(self.tiers.sizes or self.tiers.hold_log_odds)

    async def of(self, population: str) -> Cut | None:
        """
        Return how the latest list of a population was cut; None where thresholds alone decide.

        Raises:
            Problem: They do not, and there is no list cut into the tiers of churn.toml.
            DatabaseUnavailable: It cannot be read.
        """
        if not self.depend_on_lists:
            return None
        at, known = self._known.get(population, (0.0, None))
        if known is not None and time.monotonic() - at < self.seconds:
            return known
        found = await self.lists.cut(population)
        if found is None or found.bounds.names != self.tiers.names:
            raise come_again(
                f"no list of {population} is published yet that was cut into the tiers of "
                "churn.toml; these depend on the whole list",
                slug="no-list",
                seconds=60,
            )
        # The same one as long as it says the same, so that those who come together are one batch.
        kept = known if known == found and known is not None else found
        self._known[population] = (time.monotonic(), kept)

        return kept

    async def before(self, cut: Cut | None, customer_ids: Sequence[str]) -> dict[str, str]:
        """Return the tiers in which customers are held, by their ids."""
        if cut is None or cut.bounds.before_run_id is None:
            return {}

        return await self.lists.tiers_before(cut, customer_ids)
