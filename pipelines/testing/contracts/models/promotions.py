"""What becomes of decisions about champions, wherever they are kept."""

from dataclasses import replace
from datetime import date

from pipelines.domain.ports.models import Promotions
from pipelines.domain.training.promotion import Promotion

FIRST = Promotion(
    population="subscribers",
    as_of=date(2026, 3, 1),
    champion_version=None,
    challenger_version=1,
    is_promoted=True,
    reason="there was no champion",
    manifest_sha256="0123456789abcdef" * 4,
)
REFUSED = Promotion(
    population="subscribers",
    as_of=date(2026, 3, 8),
    champion_version=1,
    challenger_version=2,
    is_promoted=False,
    reason="its AUC differs by +0.0010 [-0.0100, +0.0120], not above 0",
    evidence={
        "auc_difference": {"value": 0.001, "lower": -0.01, "upper": 0.012},
        "snapshot": "2026-02-01",
        "rows": 9090,
        "features": ["fee_eur", "plan"],
    },
)
WAITING = replace(REFUSED, is_waiting=True, reason="its AUC differs by +0.02, above 0")


class PromotionsContract:
    """Tests of a record without a decision, which a subclass provides as the fixture `record`."""

    def test_at_first_nothing_was_decided(self, record: Promotions) -> None:
        """That is no fault."""
        assert [] == record.history("subscribers")

    def test_decisions_come_back_whole_in_the_order_they_were_made(
        self, record: Promotions
    ) -> None:
        """Evidence included, and not in the order of their dates."""
        backfilled = replace(FIRST, as_of=date(2025, 1, 1), champion_version=2)
        for promotion in (FIRST, REFUSED, WAITING, backfilled):
            record.record(promotion)

        assert [FIRST, REFUSED, WAITING, backfilled] == record.history("subscribers")

    def test_the_same_decision_made_twice_is_two(self, record: Promotions) -> None:
        """A date that is decided again is decided again; nothing is replaced."""
        record.record(REFUSED)
        record.record(REFUSED)

        assert [REFUSED, REFUSED] == record.history("subscribers")

    def test_each_population_has_its_own(self, record: Promotions) -> None:
        """A decision about another is not listed."""
        trial = replace(FIRST, population="trial")
        record.record(FIRST)
        record.record(trial)

        assert [trial] == record.history("trial")
        assert [] == record.history("streaming")
